"""Who gets what at every address: the table that `test_rights` walks.

A record here is Anna's, of team North. Its readers, in the order of the columns:

    nobody      not signed in
    anna        the owner
    boris       a rep of the same team, which is closed
    open boris  the same, after an admin opened the team
    clara       the team's manager
    dora        the manager of another team
    admin
    inactive    an admin who was switched off while signed in

What they get:

    .   the thing itself                -   not found, as if it were not there
    x   seen, but not theirs to do      d   sent to the sign-in page
    k   asked for a key (API)           r   sent on to another page
    b   told that a value is wrong, as it would be if the record it names did not exist
"""

from __future__ import annotations

from dataclasses import dataclass, field

READERS = ("nobody", "anna", "boris", "open boris", "clara", "dora", "admin", "inactive")

EVERYONE = ". . . . . . . ."
SIGNED_IN = "d . . . . . . d"
RECORD = "d . - . . - . d"
ADMIN = "d - - - - - . d"
CHANGE = "d - - - - - r d"
NOBODY = "- - - - - - - -"
SAVED = "d r r r r r r d"
SAVED_RECORD = "d r - r r - r d"
IMPORT = "d . - - - - . d"
OWN = "d . - - - - - d"
DOOR = ". r r r r r r ."

KEY = "k . . . . . . k"
KEY_RECORD = "k . - . . - . k"
KEY_OWN = "k . - - - - - k"
MEETING: dict[str, str | None] = {"title": "Demo", "starts_at": "2030-01-01T10:00Z", "ends_at": "2030-01-01T11:00Z"}


@dataclass(frozen=True)
class Row:
    """One method of an address; `{names}` in path and body are ids of the records that the test makes."""

    method: str
    who: str
    path: dict[str, str] = field(default_factory=dict)
    body: dict[str, str | None] = field(default_factory=dict)
    query: str = ""


def get(who: str, query: str = "", **path: str) -> Row:
    return Row("GET", who, path, query=query)


def post(who: str, body: dict[str, str | None], **path: str) -> Row:
    return Row("POST", who, path, body)


def delete(who: str, **path: str) -> Row:
    return Row("DELETE", who, path)


def patch(who: str, body: dict[str, str | None], **path: str) -> Row:
    return Row("PATCH", who, path, body)


DEAL, COMPANY, CONTACT, TASK = ({"pk": name} for name in ("{deal}", "{company}", "{contact}", "{task}"))
OF_DEAL = {"deal_id": "{deal}"}
BOARD = {"pipeline_id": "{pipeline}"}
PIPELINE, STAGE = {"pipeline_id": "{pipeline}"}, {"stage_id": "{stage}"}
SOURCE, REASON, PART = {"choice_id": "{source}"}, {"choice_id": "{reason}"}, {"choice_id": "{role}"}
FIELD = {"field_id": "{field}"}
OPTION = {**FIELD, "key": "gold"}
RATE: dict[str, str | None] = {"currency": "USD", "since": "2026-01-01", "rate": "90"}
PRODUCT: dict[str, str | None] = {"name": "Set-up", "code": "S1", "price": "1 250,50", "currency": "EUR", "unit": "h", "tax_rate": "20"}
REPORT = "?pipeline={pipeline}"

ROUTES: dict[str, list[Row]] = {
    # Health, for machines. The peer of a test is of the own network, so the metrics are open to it.
    "healthz": [get(EVERYONE)],
    "readyz": [get(EVERYONE)],
    "metrics": [get(EVERYONE)],
    # The API; what it looks like is no secret.
    "schema": [get(EVERYONE)],
    "api_docs": [get(EVERYONE)],
    "api-company-list": [get(KEY), post(KEY, {"name": "New"})],
    "api-company-detail": [get(KEY_RECORD, **COMPANY), patch(KEY_RECORD, {"city": "Tver"}, **COMPANY), delete(KEY_RECORD, **COMPANY)],
    "api-contact-list": [get(KEY), post("k . b . . b . k", {"name": "New", "company": "{company}"})],
    "api-contact-detail": [get(KEY_RECORD, **CONTACT), patch(KEY_RECORD, {"phone": "1"}, **CONTACT), delete(KEY_RECORD, **CONTACT)],
    # A private view is its owner's alone.
    "api-view-list": [get(KEY), post(KEY, {"kind": "deal", "name": "New"})],
    "api-view-detail": [
        get("k . - - - - - k", pk="{view}"),
        patch("k . - - - - - k", {"name": "Renamed"}, pk="{view}"),
        delete("k . - - - - - k", pk="{view}"),
    ],
    "api-filter-fields": [get(KEY, "?kind=deal")],
    "api-task-list": [
        get(KEY),
        post(KEY_RECORD, {"title": "Call", "due_at": "2030-01-01T10:00Z", "record": "deal", "record_id": "{deal}"}),
    ],
    "api-task-detail": [get(KEY_RECORD, **TASK), patch(KEY_RECORD, {"title": "Write"}, **TASK)],
    **{
        f"api-{name}-list": [
            get(KEY_RECORD, "?record=deal&record_id={deal}"),
            post(KEY_RECORD, {"record": "deal", "record_id": "{deal}"} | body),
        ]
        for name, body in {
            "note": {"body": "Hello"},
            "call": {"outcome": "no_answer"},
            "message": {"channel": "chat", "body": "Hello"},
            "file": {"name": "a.txt", "content": "aGk="},
        }.items()
    },
    **{f"api-{name}-detail": [get(KEY_RECORD, pk=f"{{{name}}}")] for name in ("note", "call", "message", "file")},
    "api-file-content": [get(KEY_RECORD, pk="{file}")],
    "api-timeline": [get(KEY_RECORD, "?record=deal&record_id={deal}")],
    "api-meeting-list": [
        get(KEY, "?record=deal&record_id={deal}&cancelled=false"),
        post(KEY_RECORD, MEETING | {"record": "deal", "record_id": "{deal}"}),
        post(KEY, MEETING),
    ],
    "api-meeting-detail": [get(KEY_RECORD, pk="{meeting}"), patch(KEY_RECORD, {"title": "Demo again"}, pk="{meeting}")],
    "api-meeting-outcome": [post(KEY_RECORD, {"outcome": "held"}, pk="{meeting}")],
    "api-meeting-cancellation": [post(KEY_RECORD, {}, pk="{meeting}")],
    "api-meeting-restoration": [post(KEY_RECORD, {}, pk="{meeting}")],
    "api-task-done": [post(KEY_RECORD, {}, **TASK)],
    "api-custom-field-list": [get(KEY), post("k b b b b b b k", {"kind": "deal", "type": "text"})],
    "api-custom-field-detail": [get(KEY, pk="{field}"), patch("k x x x x x . k", {"is_required": "true"}, pk="{field}")],
    "api-custom-field-options": [post("k b b b b b b k", {"labels": "no names"}, pk="{field}")],
    "api-custom-field-option": [patch("k x x x x x . k", {"removed": "true"}, pk="{field}", key="gold")],
    "api-pipeline-list": [get(KEY)],
    "api-pipeline-detail": [get(KEY, pk="{pipeline}")],
    "api-stage-list": [get(KEY)],
    "api-stage-detail": [get(KEY, pk="{stage}")],
    "api-deal-list": [get(KEY), post(KEY, {"title": "New", "stage": "{stage}"})],
    "api-deal-detail": [get(KEY_RECORD, **DEAL), patch(KEY_RECORD, {"title": "Renamed"}, **DEAL), delete(KEY_RECORD, **DEAL)],
    "api-deal-moves": [post(KEY_RECORD, {"stage": "{next}", "before": None, "version": "0"}, **DEAL)],
    "api-deal-outcomes": [post(KEY_RECORD, {"outcome": "won", "version": "0"}, **DEAL)],
    "api-deal-visits": [get(KEY_RECORD, **DEAL)],
    "api-deal-contacts": [get(KEY_RECORD, **DEAL), post(KEY_RECORD, {"contact": "{contact}", "role": "{role}"}, **DEAL)],
    "api-deal-contact": [delete(KEY_RECORD, **DEAL, contact_id="{contact}")],
    "api-item-list": [get(KEY_RECORD, **OF_DEAL), post(KEY_RECORD, {"name": "Set-up", "price": "10", "quantity": "2"}, **OF_DEAL)],
    "api-item-detail": [
        get(KEY_RECORD, **OF_DEAL, pk="{item}"),
        patch(KEY_RECORD, {"price": "12", "discount": "5", "discount_kind": "percent"}, **OF_DEAL, pk="{item}"),
        delete(KEY_RECORD, **OF_DEAL, pk="{item}"),
    ],
    # What a list of ids as text is worth is asked in test_selling_api.
    "api-item-order": [post("k b b b b b b k", {"order": "{item}"}, **OF_DEAL)],
    "api-quote-list": [get(KEY_RECORD, **OF_DEAL), post(KEY_RECORD, {"language": "ru"}, **OF_DEAL)],
    # Its PDF isn't made yet: there is nothing to get, and nothing to send.
    "api-quote-detail": [get(KEY_RECORD, **OF_DEAL, pk="{quote}"), patch(KEY_RECORD, {"state": "draft"}, **OF_DEAL, pk="{quote}")],
    "api-quote-renewal": [post(KEY_RECORD, {}, **OF_DEAL, pk="{quote}")],
    "api-quote-pdf": [get("k - - - - - - k", **OF_DEAL, pk="{quote}")],
    "api-check-list": [get(KEY_RECORD, **OF_DEAL)],
    "api-check-detail": [patch(KEY_RECORD, {"done": "true"}, **OF_DEAL, pk="{check}")],
    "api-rival-list": [get(KEY_RECORD, **OF_DEAL), post(KEY_RECORD, {"competitor": "Rival", "note": "cheaper"}, **OF_DEAL)],
    "api-rival-detail": [delete(KEY_RECORD, **OF_DEAL, pk="{competitor}")],
    "api-product-list": [get(KEY), post("k x x x x x . k", {"name": "New", "currency": "EUR", "price": "5"})],
    "api-product-detail": [get(KEY, pk="{product}"), patch("k x x x x x . k", {"price": "7"}, pk="{product}")],
    "api-competitor-list": [get(KEY), post("k x x x x x . k", {"name": "Rival"})],
    "api-competitor-detail": [get(KEY, pk="{competitor}"), patch("k x x x x x . k", {"name": "Acme Ltd"}, pk="{competitor}")],
    "api-funnel": [get(KEY, REPORT)],
    "api-time-in-stage": [get(KEY, REPORT)],
    # My day, board and deal.
    "my_day": [get(SIGNED_IN)],
    "inquiry_answers": [post(RECORD, {"record": "deal", "record_id": "{deal}"})],
    "inquiry_answers_undo": [post(RECORD, {"record": "deal", "record_id": "{deal}", "at": "2026-01-01T00:00:00Z"})],
    "snoozes": [post(RECORD, {"record": "deal", "record_id": "{deal}", "day": "tomorrow"})],
    "snooze_undo": [post(SIGNED_IN, {"record": "deal", "record_id": "{deal}"})],
    "board": [get(SIGNED_IN)],
    "lost_reasons": [get(SIGNED_IN)],
    "board_pipeline": [get(SIGNED_IN, **BOARD)],
    "board_columns": [get(SIGNED_IN, "?stages={stage}", **BOARD)],
    "board_more_cards": [get(SIGNED_IN, "?after=-5", **BOARD, stage_id="{stage}")],
    "board_deals": [post(SIGNED_IN, {"title": "New 300k", "stage": "{stage}"}, **BOARD)],
    "board_likely": [get(SIGNED_IN, "?line=Pumps @ Vektor", **BOARD)],
    "board_moves": [post(RECORD, {"deals": "{deal}", "stage": "{next}"}, **BOARD)],
    "deal": [get(RECORD, deal_id="{deal}")],
    "deal_fields": [post(RECORD, {"field": "title", "value": "Renamed"}, deal_id="{deal}")],
    "deal_moves": [post(RECORD, {"stage": "{next}", "version": "0"}, deal_id="{deal}")],
    "deal_outcomes": [post(RECORD, {"outcome": "won", "version": "0"}, deal_id="{deal}")],
    "deal_suggestions": [get(RECORD, "?field=company&text=Vek", deal_id="{deal}")],
    # The sections of a deal's page.
    "deal_sight": [post(RECORD, {}, deal_id="{deal}")],
    "deal_items": [post(RECORD, {"name": "Set-up", "quantity": "2", "price": "10", "discount": "5", "tax_rate": "20"}, deal_id="{deal}")],
    "deal_items_order": [post(RECORD, {"order": "{item}", "was": "{item}"}, deal_id="{deal}")],
    "restored_items": [post("d 422 - 422 422 - 422 d", {"seal": "forged"}, deal_id="{deal}")],
    "deal_item": [post(RECORD, {"price": "12", "mark": "", "product": ""}, deal_id="{deal}", item_id="{item}")],
    "deal_item_deletion": [post(RECORD, {"mark": ""}, deal_id="{deal}", item_id="{item}")],
    "amount_source": [post(RECORD, {"source": "items"}, deal_id="{deal}")],
    "deal_products": [get(RECORD, "?text=Lic", deal_id="{deal}")],
    "deal_quotes": [post(RECORD, {"language": "ru", "valid_until": ""}, deal_id="{deal}")],
    # Its PDF isn't made yet: there is nothing to get, and nothing to send.
    "quote_pdf": [get("d - - - - - - d", quote_id="{quote}"), post(RECORD, {}, quote_id="{quote}")],
    "quote_state": [post("d 422 - 422 422 - 422 d", {"state": "sent"}, quote_id="{quote}")],
    "quote_renewal": [post(RECORD, {}, quote_id="{quote}")],
    "deal_people": [post(RECORD, {"name": "Petr", "role": ""}, deal_id="{deal}")],
    "deal_person": [post(RECORD, {"role": ""}, deal_id="{deal}", contact_id="{contact}")],
    "deal_person_removal": [post(RECORD, {}, deal_id="{deal}", contact_id="{contact}")],
    "rivals": [post(RECORD, {"name": "Acme", "note": "cheaper"}, deal_id="{deal}")],
    "rival_removal": [post(RECORD, {}, deal_id="{deal}", competitor_id="{competitor}")],
    "deal_check": [post(RECORD, {"undone": ""}, deal_id="{deal}", item_id="{check}")],
    # Settings.
    "settings": [get(ADMIN)],
    "sample_data": [get(CHANGE), post(CHANGE, {})],
    "stages": [get(CHANGE)],
    "settings_pipelines": [get(ADMIN)],
    "settings_pipeline": [get(ADMIN, **PIPELINE)],
    "pipeline_new": [get(ADMIN), post(CHANGE, {"name": "Partners", "currency": "EUR", "stages": "Lead"})],
    "pipeline_change": [get(ADMIN, **PIPELINE), post(CHANGE, {"name": "Direct", "currency": "EUR"}, **PIPELINE)],
    "pipelines_order": [post(CHANGE, {"order": "{pipeline}", "was": "{pipeline}"})],
    # Anna's deal is open in it.
    "pipeline_archive": [post("d - - - - - 422 d", {}, **PIPELINE)],
    "pipeline_restoration": [post(CHANGE, {}, **PIPELINE)],
    # There are more stages than these two.
    "stages_order": [post("d - - - - - 412 d", {"order": "{next},{stage}", "was": "{stage},{next}"}, **PIPELINE)],
    "stage_new": [get(ADMIN, **PIPELINE), post(CHANGE, {"name": "Demo", "colour": "blue", "probability": "5"}, **PIPELINE)],
    "stage_change": [get(ADMIN, **STAGE), post(CHANGE, {"name": "Fresh", "colour": "blue", "probability": "5"}, **STAGE)],
    "stage_archive": [get(ADMIN, **STAGE), post(CHANGE, {"move_to": "{next}"}, **STAGE)],
    "stage_restoration": [post(CHANGE, {}, **STAGE)],
    "settings_sources": [get(ADMIN), post(CHANGE, {"name": "Fair"})],
    "source_change": [get(ADMIN, **SOURCE), post(CHANGE, {"name": "Site"}, **SOURCE)],
    "source_archive": [post(CHANGE, {}, **SOURCE)],
    "source_restoration": [post(CHANGE, {}, **SOURCE)],
    "settings_contact_roles": [get(ADMIN), post(CHANGE, {"name": "Lawyer"})],
    "contact_role_change": [get(ADMIN, **PART), post(CHANGE, {"name": "Boss"}, **PART)],
    "contact_role_archive": [post(CHANGE, {}, **PART)],
    "contact_role_restoration": [post(CHANGE, {}, **PART)],
    "settings_lost_reasons": [get(ADMIN), post(CHANGE, {"name": "Time"})],
    "lost_reason_change": [get(ADMIN, **REASON), post(CHANGE, {"name": "Budget"}, **REASON)],
    "lost_reason_archive": [post(CHANGE, {}, **REASON)],
    "lost_reason_restoration": [post(CHANGE, {}, **REASON)],
    "settings_tags": [get(ADMIN), get(ADMIN, "?q=hot&after=nonsense")],
    "tag": [get(ADMIN, tag_id="{tag}"), post(CHANGE, {"name": "hot", "colour": "pink"}, tag_id="{tag}")],
    "tag_merge": [post("d - - - - - 422 d", {"into": "nothing like it"}, tag_id="{tag}")],
    "tags_union": [post(CHANGE, {})],
    "tag_deletion": [post("d - - - - - - d", {}, tag_id="1000000")],
    "tag_change_undoing": [post("d - - - - - - d", {}, change_id="1000000")],
    "settings_custom_fields": [get(CHANGE)],
    "custom_fields": [get(ADMIN, kind="deal")],
    "custom_field_new": [get(ADMIN, kind="deal"), post(CHANGE, {"label_en": "Size", "type": "text"}, kind="deal")],
    "custom_fields_order": [post(CHANGE, {"order": "{field}", "was": "{field}"}, kind="deal")],
    "custom_field": [get(ADMIN, **FIELD), post(CHANGE, {"label_en": "Rank"}, **FIELD)],
    "custom_field_archive": [post(CHANGE, {}, **FIELD)],
    "custom_field_restoration": [post(CHANGE, {}, **FIELD)],
    "custom_options": [post(CHANGE, {"new-label_en": "Iron"}, **FIELD)],
    "custom_options_order": [post(CHANGE, {"order": "silver,gold", "was": "gold,silver"}, **FIELD)],
    "custom_option": [get(ADMIN, **OPTION), post(CHANGE, {"label_en": "Golden"}, **OPTION)],
    "custom_option_removal": [post(CHANGE, {}, **OPTION)],
    "custom_option_restoration": [post(CHANGE, {}, **OPTION)],
    "settings_competitors": [get(ADMIN), post(CHANGE, {"name": "Rival"})],
    "competitor_change": [get(ADMIN, choice_id="{competitor}"), post(CHANGE, {"name": "Acme Ltd"}, choice_id="{competitor}")],
    "competitor_archive": [post(CHANGE, {}, choice_id="{competitor}")],
    "competitor_restoration": [post(CHANGE, {}, choice_id="{competitor}")],
    "settings_products": [get(ADMIN), post(CHANGE, PRODUCT)],
    "product_change": [get(ADMIN, product_id="{product}"), post(CHANGE, PRODUCT, product_id="{product}")],
    "product_archive": [post(CHANGE, {}, product_id="{product}")],
    "product_restoration": [post(CHANGE, {}, product_id="{product}")],
    "settings_quotes": [get(ADMIN), post(CHANGE, {"legal_name": "Acme Ltd", "valid_days": "10", "terms": "", "tax_included": ""})],
    "seller_logo": [get("d - - - - - - d"), post(CHANGE, {"remove": "1"})],
    "quote_sample": [get(ADMIN)],
    "settings_checklist": [get(ADMIN, **PIPELINE), post(CHANGE, {"name": "Budget asked", "stage": "{stage}"}, **PIPELINE)],
    "checklist_order": [post(CHANGE, {"order": "{check}", "was": "{check}"}, **PIPELINE)],
    "checklist_change": [get(ADMIN, item_id="{check}"), post(CHANGE, {"name": "Asked", "stage": ""}, item_id="{check}")],
    "checklist_archive": [post(CHANGE, {}, item_id="{check}")],
    "checklist_restoration": [post(CHANGE, {}, item_id="{check}")],
    "settings_organisation": [
        get(ADMIN),
        post(CHANGE, {"name": "Acme", "time_zone": "Europe/Berlin", "country": "DE", "currency": "EUR", "language": "ru"}),
    ],
    "settings_exchange_rates": [get(ADMIN), post(CHANGE, RATE)],
    "exchange_rate_removal": [post(CHANGE, RATE)],
    # Background work is its owner's alone.
    "jobs": [get(SIGNED_IN)],
    "job": [get(OWN, job_id="{job}")],
    "job_progress": [get(OWN, job_id="{job}")],
    "job_stop": [post("d r - - - - - d", {}, job_id="{job}")],
    # Search.
    "search": [get(SIGNED_IN, "?q=vek&recent=deal:{deal}")],
    "api-removal-list": [get(KEY, "?kind=contact")],
    "api-removal-detail": [get(KEY_RECORD, pk="{removal}")],
    "api-removal-restore": [post(KEY_RECORD, {}, pk="{removal}")],
    # The same record twice: whoever may see which is asked in test_merges.
    "api-merge-list": [post("k 422 422 422 422 422 422 k", {"kind": "contact", "kept": "{contact}", "gone": "{contact}"})],
    "api-merge-undo": [post("k - - - - - - k", {}, pk="1000000")],
    # Anna's record alone makes no pair, so that nobody finds any.
    "api-duplicate-list": [get(KEY, "?kind=contact&state=dismissed")],
    "api-duplicate-detail": [get("k - - - - - - k", pk="1000000")],
    "api-duplicate-dismiss": [post("k - - - - - - k", {}, pk="1000000")],
    "api-duplicate-restore": [post("k - - - - - - k", {}, pk="1000000")],
    "api-tag-list": [get(KEY, "?q=hot")],
    "api-tag-detail": [
        get(KEY, pk="{tag}"),
        patch("k x x x x x . k", {"colour": "pink"}, pk="{tag}"),
        delete("k x x x x x - k", pk="1000000"),
    ],
    "api-tag-merge": [post("k x x x x x - k", {"into": "{tag}"}, pk="1000000")],
    "api-tag-change-undo": [post("k x x x x x - k", {}, pk="1000000")],
    "api-bulk-list": [get(KEY), post("k b b b b b b k", {"kind": "contact", "action": "owner"})],
    "api-bulk-detail": [get(KEY_OWN, pk="{bulk}")],
    "api-bulk-undo": [post("k . - - - - - k", {}, pk="{bulk}")],
    "api-search": [get(KEY, "?q=vek")],
    # Imports: one's own, an admin's all.
    "api-import-list": [get(KEY), post("k b b b b b b k", {})],
    "api-import-detail": [get("k . - - - - . k", pk="{import}")],
    "api-import-start": [post("k . - - - - . k", {}, pk="{import}")],
    "api-import-revert": [post("k 422 - - - - 422 k", {}, pk="{import}")],
    "api-import-refused": [get("k . - - - - . k", pk="{import}")],
    "api-export-list": [post("k . . . . . . k", {"kind": "contact"})],
    "api-export-detail": [get(KEY_OWN, pk="{export}")],
    "api-export-file": [get("k - - - - - - k", pk="{export}")],
    "list_export": [post("d . . . . . . d", {"query": ""}, kind="contact")],
    "export": [get(OWN, job_id="{export}")],
    "export_file": [get("d - - - - - - d", job_id="{export}")],
    "imports": [get(SIGNED_IN), post("d 422 422 422 422 422 422 d", {})],
    "import": [get(IMPORT, batch_id="{import}")],
    "import_choices": [post("d r - - - - r d", {"duplicates": "skip"}, batch_id="{import}")],
    "import_start": [post("d r - - - - r d", {}, batch_id="{import}")],
    "import_history": [post("d 422 - - - - 422 d", {}, batch_id="{import}")],
    "import_revert": [post("d 422 - - - - 422 d", {}, batch_id="{import}")],
    "import_deletion": [post("d r - - - - r d", {}, batch_id="{import}")],
    "import_refused": [get(IMPORT, batch_id="{import}")],
    # Help.
    "help": [get(SIGNED_IN)],
    "help_page": [get(SIGNED_IN, name="figures")],
    # Analytics.
    "analytics": [get(SIGNED_IN)],
    "deals_behind": [get(SIGNED_IN, REPORT + "&part=all")],
    # People.
    "set_language": [post("r r r r r r r r", {"language": "ru"})],
    "profile": [get(SIGNED_IN), post("d r r r r r r d", {"name": "Ann", "language": "ru"})],
    "contacts": [get(SIGNED_IN)],
    "deleted": [get(SIGNED_IN, "?kind=contact&text=gone")],
    "removal_new": [
        *(get(RECORD, kind=kind, record_id=f"{{{kind}}}") for kind in ("contact", "company", "deal")),
        *(post(SAVED_RECORD, {}, kind=kind, record_id=f"{{{kind}}}") for kind in ("contact", "company", "deal")),
    ],
    "removal_undoing": [post(SAVED_RECORD, {}, removal_id="{removal}")],
    # Pairs and merges: those of one's own records are asked in tests/crm/test_duplicates.py.
    "duplicates": [get(SIGNED_IN), get(SIGNED_IN, "?kind=company&after=nonsense")],
    "duplicate_search": [post("d x x x r r r d", {})],
    "duplicate_pair": [get("d - - - - - - d", pair_id="1"), post("d - - - - - - d", {}, pair_id="1")],
    "duplicate_dismissal": [post("d - - - - - - d", {}, pair_id="1")],
    "duplicate_restoration": [post("d - - - - - - d", {}, pair_id="1")],
    "merge_undoing": [post("d - - - - - - d", {}, merge_id="1")],
    "new_contact": [get(SIGNED_IN), post(SAVED, {"name": "New", "company": "Vektor"})],
    "duplicate_pairs": [post("d - - - - - - d", {"kind": "contact", "one": "{contact}", "other": "{contact}"})],
    "contact_duplicates": [get(SIGNED_IN, "?name=Petr")],
    "contact": [get(RECORD, contact_id="{contact}")],
    "contact_fields": [post(RECORD, {"field": "name", "value": "Renamed"}, contact_id="{contact}")],
    "companies": [get(SIGNED_IN)],
    # Lists and their views. The view is Anna's own, and nobody else's, not even an admin's.
    "deals": [get(SIGNED_IN)],
    "deals_calendar": [get(SIGNED_IN)],
    "list_fields": [get(SIGNED_IN, kind="deal")],
    "list_records": [get(SIGNED_IN, "?field=company&text=Vek", kind="deal")],
    "list_act": [get("d - - - - - - d", kind="deal", action="nothing"), post("d - - - - - - d", {}, kind="deal", action="nothing")],
    "bulk_change": [get("d . - - - - - d", change_id="{bulk}")],
    "bulk_undo": [post("d r - - - - - d", {}, change_id="{bulk}")],
    "views": [get(SIGNED_IN)],
    "view_new": [post(SIGNED_IN, {"kind": "deal", "name": "New", "query": "", "layout": "list"})],
    "view_pins": [post(SIGNED_IN, {"view": "deal:mine"})],
    "view_pin_order": [post(SIGNED_IN, {"order": "deal:mine"})],
    "view_change": [post("d . - - - - - d", {"name": "Renamed"}, view_id="{view}")],
    "view_copies": [post("d . - - - - - d", {}, view_id="{view}")],
    "view_deletion": [post("d . - - - - - d", {}, view_id="{view}")],
    "view_restoration": [post("d . - - - - - d", {}, view_id="{view}")],
    "new_company": [get(SIGNED_IN), post(SAVED, {"name": "New"})],
    "company_duplicates": [get(SIGNED_IN, "?name=Vektor")],
    "company_suggestions": [get(SIGNED_IN, "?text=Vek")],
    "company": [get(RECORD, company_id="{company}")],
    "company_fields": [post(RECORD, {"field": "name", "value": "Renamed"}, company_id="{company}")],
    # Tasks and notes. A note is taken back by its author or an admin alone; what a seal brings back is asked in test_activities_pages.
    "activities": [get(RECORD, record="deal", record_id="{deal}")],
    # Whoever has the address is asked in test_inbound.
    "inbound": [post(NOBODY, {"email": "a@b.example"}, token="nonsense")],
    "settings_hooks": [get(ADMIN), post("d - - - - - . d", {"name": "Site", "channel": "form", "team": ""})],
    "hook_revocation": [post(CHANGE, {}, hook_id="{hook}")],
    "explain_past": [get(SIGNED_IN, "?text=yesterday")],
    "mentions": [get(SIGNED_IN, "?text=an")],
    "record_calls": [post(RECORD, {"outcome": "no_answer"}, record="deal", record_id="{deal}")],
    "call_deletion": [post("d . - 422 422 - . d", {}, call_id="{call}")],
    "restored_calls": [post("d 422 422 422 422 422 422 d", {"seal": "forged"})],
    "message_deletion": [post("d . - 422 422 - . d", {}, message_id="{message}")],
    "restored_messages": [post("d 422 422 422 422 422 422 d", {"seal": "forged"})],
    "record_files": [post("d 422 - 422 422 - 422 d", {}, record="deal", record_id="{deal}")],
    "file": [get(RECORD, file_id="{file}")],
    "file_picture": [get(RECORD, file_id="{file}")],
    "file_deletion": [post("d . - 422 422 - . d", {}, file_id="{file}")],
    "restored_files": [post("d 422 422 422 422 422 422 d", {"seal": "forged"})],
    "timeline": [get(RECORD, record="deal", record_id="{deal}")],
    "explain_when": [get(SIGNED_IN, "?text=tomorrow")],
    "record_tasks": [post(RECORD, {"title": "Call", "due": "tomorrow"}, record="deal", record_id="{deal}")],
    "day_task": [post(RECORD, {"day": "tomorrow"}, task_id="{task}")],
    "deal_close_date": [post(RECORD, {"day": "month_end"}, deal_id="{deal}")],
    "record_deals": [
        get(RECORD, record="contact", record_id="{contact}"),
        post(SAVED_RECORD, {"title": "Licence", "stage": "{stage}"}, record="contact", record_id="{contact}"),
    ],
    "record_notes": [post(RECORD, {"body": "Hello"}, record="deal", record_id="{deal}")],
    "task": [get(RECORD, task_id="{task}"), post(RECORD, {"day": "tomorrow"}, task_id="{task}")],
    "tasks": [get(SIGNED_IN, "?view=given")],
    "own_tasks": [post(SIGNED_IN, {"title": "Call", "due": "tomorrow"})],
    "task_more": [get(SIGNED_IN)],
    "task_edit": [post(SAVED_RECORD, {"title": "Write", "due": "tomorrow"}, task_id="{task}")],
    "task_tick": [post(RECORD, {}, task_id="{task}")],
    "task_tick_undo": [post(RECORD, {}, task_id="{task}")],
    "task_deletion": [post(RECORD, {}, task_id="{task}")],
    "restored_tasks": [post("d 422 422 422 422 422 422 d", {"seal": "forged"})],
    "note_deletion": [post("d . - 422 422 - . d", {}, note_id="{note}")],
    "restored_notes": [post("d 422 422 422 422 422 422 d", {"seal": "forged"})],
    # Meetings: about Anna's deal, and Anna comes.
    "meetings": [get(SIGNED_IN, "?view=untold")],
    "new_meeting": [
        get(RECORD, "?record=deal&record_id={deal}"),
        post(SAVED_RECORD, {"title": "Demo", "starts": "tomorrow 10:00", "record": "deal", "record_id": "{deal}", "colleagues": "{anna}"}),
    ],
    "meeting": [get(RECORD, meeting_id="{meeting}")],
    "meeting_edit": [post(SAVED_RECORD, {"title": "Demo", "starts": "tomorrow 10:00", "colleagues": "{anna}"}, meeting_id="{meeting}")],
    "meeting_cancellation": [post(SAVED_RECORD, {}, meeting_id="{meeting}")],
    "meeting_restoration": [post(SAVED_RECORD, {}, meeting_id="{meeting}")],
    "meeting_outcome": [post(SAVED_RECORD, {"outcome": "held"}, meeting_id="{meeting}")],
    "calendar": [get(SIGNED_IN, "?view=month&day=2026-11-25&whose=team")],
    "calendar_move": [
        post(RECORD, {"days": "1"}, kind="meeting", thing_id="{meeting}"),
        post(RECORD, {"to": "2030-01-01T10:00"}, kind="task", thing_id="{task}"),
    ],
    "calendar_feed_new": [post(SIGNED_IN, {})],
    "calendar_feed_removal": [post("d r r r r r r d", {})],
    # Whoever knows the secret address reads it; nobody knows this one.
    "calendar_feed": [get(NOBODY, token="nonsense")],
    # What people are told: each their own alone.
    "notifications": [get(SIGNED_IN, "?before=9")],
    "notifications_bell": [get(SIGNED_IN, "?after=0")],
    "notifications_read": [post("d r r r r r r d", {})],
    "notifications_unread": [post("d 422 422 422 422 422 422 d", {})],
    "notification_read": [post("d r - - - - - d", {}, notification_id="{notification}")],
    "notification_unread": [post("d r - - - - - d", {}, notification_id="{notification}")],
    "api-notification-list": [get(KEY, "?unread=true")],
    "api-notification-detail": [get(KEY_OWN, pk="{notification}")],
    "api-notification-read": [post(KEY_OWN, {}, pk="{notification}")],
    "api-notification-read-all": [post(KEY, {})],
    # The door. Whoever has the link of the first start is asked in test_first_run.
    "first_run": [get(NOBODY, token="nonsense"), post(NOBODY, {}, token="nonsense")],
    "account_login": [get(DOOR), post(DOOR, {})],
    "account_logout": [get("r . . . . . . r"), post("r r r r r r r r", {})],
    "account_inactive": [get(EVERYONE)],
    "account_signup": [get(DOOR), post(DOOR, {"email": "new@voronka.example", "password1": "long enough 7"})],
    "account_reauthenticate": [get(SIGNED_IN), post(SIGNED_IN, {})],
    "account_change_password": [get(SIGNED_IN), post(SIGNED_IN, {})],
    "account_reset_password": [get(EVERYONE), post(EVERYONE, {})],
    "account_reset_password_from_key_done": [get(EVERYONE)],
    "account_reset_password_from_key": [get(EVERYONE, uidb36="1", key="nonsense"), post(EVERYONE, {}, uidb36="1", key="nonsense")],
    "account_reset_password_done": [get(EVERYONE)],
}
