"""Addresses of the settings of what is sold: products, quotes, checklists."""

from django.urls import path

from pipeline.views import checklists, products, sellers

urlpatterns = [
    path("settings/products/", products.show_products, name="settings_products"),
    path("settings/products/<int:product_id>/", products.change_product, name="product_change"),
    path("settings/products/<int:product_id>/archive/", products.product_archive, name="product_archive"),
    path("settings/products/<int:product_id>/restoration/", products.product_restoration, name="product_restoration"),
    path("settings/quotes/", sellers.change_seller, name="settings_quotes"),
    path("settings/quotes/logo/", sellers.logo, name="seller_logo"),
    path("settings/quotes/sample/", sellers.show_sample, name="quote_sample"),
    path("settings/pipelines/<int:pipeline_id>/checklist/", checklists.show_checklist, name="settings_checklist"),
    path("settings/pipelines/<int:pipeline_id>/checklist/order/", checklists.order, name="checklist_order"),
    path("settings/checklist/<int:item_id>/", checklists.change_item, name="checklist_change"),
    path("settings/checklist/<int:item_id>/archive/", checklists.item_archive, name="checklist_archive"),
    path("settings/checklist/<int:item_id>/restoration/", checklists.item_restoration, name="checklist_restoration"),
]
