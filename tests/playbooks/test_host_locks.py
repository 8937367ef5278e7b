import pytest

from bootstrapper.errors import Mistake
from bootstrapper.playbooks.catalogue import Catalogue, Host, Inventory
from bootstrapper.playbooks.hosts import lock_of

WEB = Host("web-1", "10.0.0.5", 2222)
TWIN = Host("db", "10.0.0.7")
OTHER_TWIN = Host("db", "10.1.0.7")
CATALOGUE = Catalogue(
    commit="c",
    envs={
        "prod": Inventory(hosts={"web-1": WEB, "db": TWIN}),
        "dev": Inventory(hosts={"web-1": WEB, "db": OTHER_TWIN}),
    },
)


@pytest.mark.parametrize(
    ("said", "lock"),
    [
        ("web-1", WEB.lock),
        ("10.0.0.5", WEB.lock),
        ("10.0.0.5:2222", WEB.lock),
        ("10.1.0.7", OTHER_TWIN.lock),
        ("10.9.9.9", "host:10.9.9.9"),
    ],
)
def test_a_host_is_locked_as_its_jobs_lock_it(said: str, lock: str) -> None:
    assert lock_of(said, CATALOGUE) == lock


def test_a_name_of_two_machines_is_asked_back() -> None:
    with pytest.raises(Mistake, match=r"host:10\.0\.0\.7 or host:10\.1\.0\.7"):
        lock_of("db", CATALOGUE)
