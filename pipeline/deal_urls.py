"""Addresses of the sections of a deal's page."""

from django.urls import path

from pipeline.views import deal_parts, deal_people

urlpatterns = [
    path("deals/<int:deal_id>/seen/", deal_parts.create_sight, name="deal_sight"),
    path("deals/<int:deal_id>/items/", deal_parts.create_item, name="deal_items"),
    path("deals/<int:deal_id>/items/order/", deal_parts.order_deal_items, name="deal_items_order"),
    path("deals/<int:deal_id>/items/restored/", deal_parts.create_restored_item, name="restored_items"),
    path("deals/<int:deal_id>/items/<int:item_id>/", deal_parts.change_item, name="deal_item"),
    path("deals/<int:deal_id>/items/<int:item_id>/deletion/", deal_parts.create_item_deletion, name="deal_item_deletion"),
    path("deals/<int:deal_id>/amount-source/", deal_parts.set_amount_source, name="amount_source"),
    path("deals/<int:deal_id>/products/", deal_parts.show_products, name="deal_products"),
    path("deals/<int:deal_id>/quotes/", deal_parts.create_deal_quote, name="deal_quotes"),
    path("quotes/<int:quote_id>/pdf/", deal_parts.quote_pdf, name="quote_pdf"),
    path("quotes/<int:quote_id>/state/", deal_parts.change_quote_state, name="quote_state"),
    path("quotes/<int:quote_id>/renewal/", deal_parts.create_quote_renewal, name="quote_renewal"),
    path("deals/<int:deal_id>/people/", deal_people.create_person, name="deal_people"),
    path("deals/<int:deal_id>/people/<int:contact_id>/", deal_people.change_person, name="deal_person"),
    path("deals/<int:deal_id>/people/<int:contact_id>/removal/", deal_people.create_person_removal, name="deal_person_removal"),
    path("deals/<int:deal_id>/competitors/", deal_parts.create_rival, name="rivals"),
    path("deals/<int:deal_id>/competitors/<int:competitor_id>/removal/", deal_parts.create_rival_removal, name="rival_removal"),
    path("deals/<int:deal_id>/checklist/<int:item_id>/", deal_parts.create_check, name="deal_check"),
]
