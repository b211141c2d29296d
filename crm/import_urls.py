"""Addresses of imports."""

from django.urls import path

from crm.views import imports

urlpatterns = [
    path("import/", imports.imports, name="imports"),
    path("import/<int:batch_id>/", imports.show_import, name="import"),
    path("import/<int:batch_id>/choices/", imports.change_choices, name="import_choices"),
    path("import/<int:batch_id>/start/", imports.create_start, name="import_start"),
    path("import/<int:batch_id>/history/", imports.create_history, name="import_history"),
    path("import/<int:batch_id>/revert/", imports.create_revert, name="import_revert"),
    path("import/<int:batch_id>/deletion/", imports.create_deletion, name="import_deletion"),
    path("import/<int:batch_id>/refused/", imports.download_refused, name="import_refused"),
]
