"""Addresses of My day, the board and a deal."""

from django.urls import path

from pipeline.views import board, deals, my_day, new_deal

urlpatterns = [
    path("", my_day.show_my_day, name="my_day"),
    path("day/snoozes/", my_day.create_snooze, name="snoozes"),
    path("day/snoozes/undo/", my_day.undo_snooze, name="snooze_undo"),
    path("day/tasks/<int:task_id>/", my_day.put_off_task, name="day_task"),
    path("day/deals/<int:deal_id>/expected-close/", my_day.move_close_date, name="deal_close_date"),
    path("board/", board.show_board, name="board"),
    path("board/lost-reasons/", board.show_lost_reasons, name="lost_reasons"),
    path("board/<int:pipeline_id>/", board.show_board, name="board_pipeline"),
    path("board/<int:pipeline_id>/columns/", board.show_columns, name="board_columns"),
    path("board/<int:pipeline_id>/columns/<int:stage_id>/", board.show_more_cards, name="board_more_cards"),
    path("board/<int:pipeline_id>/deals/", board.create_board_deal, name="board_deals"),
    path("board/<int:pipeline_id>/likely/", board.show_likely_companies, name="board_likely"),
    path("board/<int:pipeline_id>/moves/", board.create_moves, name="board_moves"),
    path("activities/<slug:record>/<int:record_id>/deals/", new_deal.create_client_deal, name="record_deals"),
    path("deals/<int:deal_id>/", deals.show_deal, name="deal"),
    path("deals/<int:deal_id>/fields/", deals.edit_field, name="deal_fields"),
    path("deals/<int:deal_id>/moves/", board.create_move, name="deal_moves"),
    path("deals/<int:deal_id>/outcomes/", board.create_outcome, name="deal_outcomes"),
    path("deals/<int:deal_id>/suggestions/", deals.suggest, name="deal_suggestions"),
]
