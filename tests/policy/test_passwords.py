import pytest

from bootstrapper.errors import Mistake
from bootstrapper.policy.passwords import check_form, hash_password, verify_password

STORED = hash_password("correct horse")


def test_only_the_right_password_fits() -> None:
    assert verify_password("correct horse", STORED)
    assert not verify_password("correct horse ", STORED)
    assert not verify_password("", STORED)


def test_the_same_password_is_stored_differently_each_time() -> None:
    assert hash_password("correct horse") != STORED


def test_nobody_has_a_password() -> None:
    assert not verify_password("", "")
    assert not verify_password("anything", "")


def test_what_is_stored_passes_its_own_check() -> None:
    check_form(STORED)


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "hunter2",
        STORED.replace("scrypt", "md5"),
        STORED[:-1],
        STORED.replace("$16384$", "$1024$"),
        STORED.replace("$16384$", "$16385$"),
        STORED.replace("$16384$", "$4194304$"),
        STORED.replace("$8$", "$0$"),
    ],
    ids=["nothing", "plain", "md5", "cut", "cheap", "no power of two", "dear", "no blocks"],
)
def test_what_could_not_be_verified_is_a_mistake(stored: str) -> None:
    with pytest.raises(Mistake):
        check_form(stored)
