"""The cast: Anna and Boris of team North, Clara their manager, Denis of team South, an admin, and a robot without a team."""

from __future__ import annotations

import pytest

from crm.models import Role, Team, User
from pipeline.models import Pipeline, Stage
from tests.factories import make_pipeline, make_team, make_user


@pytest.fixture
def north(db: None) -> Team:
    return make_team("North")


@pytest.fixture
def south(db: None) -> Team:
    return make_team("South")


@pytest.fixture
def anna(north: Team) -> User:
    return make_user("Anna Arlova", team=north)


@pytest.fixture
def boris(north: Team) -> User:
    return make_user("Boris Belov", team=north)


@pytest.fixture
def clara(north: Team) -> User:
    return make_user("Clara Chen", role=Role.MANAGER, team=north)


@pytest.fixture
def denis(south: Team) -> User:
    return make_user("Denis Dunn", team=south)


@pytest.fixture
def admin(db: None) -> User:
    return make_user("Ada Minova", role=Role.ADMIN)


@pytest.fixture
def robot(db: None) -> User:
    return make_user("Robot")


@pytest.fixture
def sales(db: None) -> Pipeline:
    return make_pipeline()


@pytest.fixture
def stages(sales: Pipeline) -> list[Stage]:
    return list(sales.stages.all())
