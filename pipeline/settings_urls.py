"""Addresses of the settings of pipelines, stages and the lists that deals choose from."""

from django.urls import path

from pipeline.views import choices, pipelines, stages
from pipeline.views.sample_data import sample_data
from pipeline.views.settings import show_settings

urlpatterns = [
    path("settings/sample-data/", sample_data, name="sample_data"),
    path("settings/", show_settings, name="settings"),
    path("settings/pipelines/", pipelines.show_pipelines, name="settings_pipelines"),
    path("settings/pipelines/new/", pipelines.new_pipeline, name="pipeline_new"),
    path("settings/pipelines/order/", pipelines.order_pipelines, name="pipelines_order"),
    path("settings/pipelines/<int:pipeline_id>/", stages.show_pipeline, name="settings_pipeline"),
    path("settings/pipelines/<int:pipeline_id>/edit/", pipelines.change_pipeline, name="pipeline_change"),
    path("settings/pipelines/<int:pipeline_id>/archive/", pipelines.pipeline_archive, name="pipeline_archive"),
    path("settings/pipelines/<int:pipeline_id>/restoration/", pipelines.pipeline_restoration, name="pipeline_restoration"),
    path("settings/pipelines/<int:pipeline_id>/order/", stages.order_stages, name="stages_order"),
    path("settings/pipelines/<int:pipeline_id>/stages/", stages.new_stage, name="stage_new"),
    path("settings/stages/", stages.show_stages, name="stages"),
    path("settings/stages/<int:stage_id>/", stages.change_stage, name="stage_change"),
    path("settings/stages/<int:stage_id>/archive/", stages.stage_archive, name="stage_archive"),
    path("settings/stages/<int:stage_id>/restoration/", stages.stage_restoration, name="stage_restoration"),
]
CHOICES = (("source", "sources"), ("lost_reason", "lost-reasons"), ("competitor", "competitors"), ("contact_role", "contact-roles"))
for kind, folder in CHOICES:
    urlpatterns += [
        path(f"settings/{folder}/", choices.choices, {"kind": kind}, name=f"settings_{kind}s"),
        path(f"settings/{folder}/<int:choice_id>/", choices.change_choice, {"kind": kind}, name=f"{kind}_change"),
        path(f"settings/{folder}/<int:choice_id>/archive/", choices.choice_archive, {"kind": kind}, name=f"{kind}_archive"),
        path(f"settings/{folder}/<int:choice_id>/restoration/", choices.choice_restoration, {"kind": kind}, name=f"{kind}_restoration"),
    ]
