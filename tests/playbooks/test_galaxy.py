"""What the content requires, installed by the real ansible-galaxy from a repository beside it."""

from pathlib import Path

import pytest

from bootstrapper.errors import Refused
from bootstrapper.playbooks.content import Checkout, check_out, newest
from bootstrapper.playbooks.read_content import read_content
from bootstrapper.settings import Content, Settings
from playbooks.repository import commit
from support.services import need


@pytest.fixture
def shared(tmp_path: Path) -> str:
    """The URL of a role's repository."""
    need("git")
    files = {"tasks/main.yml": "[]", "meta/main.yml": "galaxy_info: {description: Shared}\n"}
    commit(tmp_path / "shared", files)
    return f"git+file://{tmp_path}/shared"


def checked_out(tmp_path: Path, files: dict[str, str], *, requirements: bool = True) -> Checkout:
    commit(tmp_path / "origin", files)
    content = Content(git=str(tmp_path / "origin"), requirements=requirements)
    settings = Settings(state=str(tmp_path / "state"), content=content)
    return check_out(settings, newest(settings))


@pytest.mark.parametrize("place", ["requirements.yml", "roles/requirements.yml"])
@pytest.mark.parametrize(
    "form", ["- {{src: '{}', name: shared}}", "roles: [{{src: '{}', name: shared}}]"]
)
def test_a_required_role_is_a_role_of_the_content(
    tmp_path: Path, shared: str, place: str, form: str
) -> None:
    checkout = checked_out(tmp_path, {place: form.format(shared)})

    assert read_content(checkout, Content(), {}).roles["shared"].summary == "Shared"


def test_the_contents_own_role_wins_over_a_required_one(tmp_path: Path, shared: str) -> None:
    own = {"roles/shared/meta/main.yml": "galaxy_info: {description: Own}\n"}
    needs = {"requirements.yml": f"- {{src: '{shared}', name: shared}}"}

    found = read_content(checked_out(tmp_path, {**own, **needs}), Content(), {})

    assert found.roles["shared"].summary == "Own"


def test_nothing_is_installed_where_the_settings_say_so(tmp_path: Path) -> None:
    files = {"requirements.yml": f"- {{src: 'git+file://{tmp_path}/none', name: shared}}"}

    checkout = checked_out(tmp_path, files, requirements=False)

    assert read_content(checkout, Content(), {}).roles == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("- {{src: 'git+file://{}/none', name: it}}", "none", id="no repository"),
        pytest.param("- {{src: '{}', scm: tea, name: it}}", "tea", id="no such kind"),
        pytest.param("roles: [", "requirements.yml", id="no YAML"),
    ],
)
def test_what_cannot_be_installed_is_refused_with_the_reason(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(Refused, match=r"(?s)^requirements\.yml: .*" + reason):
        checked_out(tmp_path, {"requirements.yml": text.format(tmp_path)})

    assert [path.name for path in (tmp_path / "state/content").iterdir()] == ["mirror.git"]
