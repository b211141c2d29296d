"""Whatever stands in the address, the answer is a figure or a word of why not, never a fault of the server."""

import pytest
from django.urls import reverse

ODD = [
    *(
        "",
        " ",
        "0",
        "-1",
        "NaN",
        "Infinity",
        "1e309",
        "null",
        "true",
        "9" * 19,
        "9" * 400,
        "9" * 5000,
        "1.5",
        "١",
        "\x00",
        "😀",
        "%s",
        "%(stages)s",
    ),
    *("1; DROP TABLE pipeline_deal", "' OR '1'='1", "{}", "[1]", "<script>alert(1)</script>", "../../etc/passwd", "{{ 7 * 7 }}"),
    *("0001-01-01", "1969-12-31", "9999-12-31", "2026-02-30", "2026-1-1", "1970-01-01", "2200-01-01"),
    *(
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "2026-01-01T00:00:00+99:99",
        "1970-01-01T00:00:00+23:59",
        "2026-01-01T24:00:00Z",
    ),
]
NAMES = ["pipeline", "from", "to", "as_of", "owner", "team", "source", "cohort", "count", "per", "horizon_days", "part", "stage", "after"]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_the_address_is_a_fault_of_the_server(sales, admin, client, name):
    client.force_login(admin)
    client.raise_request_exception = True
    whole = {"pipeline": sales.pk, "part": "entered", "stage": sales.stages.first().pk}
    addresses = [reverse("analytics"), reverse("deals_behind"), reverse("api-funnel"), reverse("api-time-in-stage")]
    for odd in ODD:
        for address in addresses:
            answer = client.get(address, whole | {name: odd})
            assert answer.status_code in (200, 400, 404), (address, odd)
            if answer.status_code == 400 and address.startswith("/api/"):
                assert answer.json()[name][0], (address, odd)
