"""One test's leftovers are not the next one's trouble."""

from collections.abc import Iterator

import pytest

from support.site import Site


@pytest.fixture(autouse=True)
def tidy(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "site" in request.fixturenames:
        site: Site = request.getfixturevalue("site")
        site.tidy()
