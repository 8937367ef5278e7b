"""Docker itself goes away, hangs or comes back: what is told of its containers meanwhile."""

import logging
import os
import signal

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.fleet.docker.keep import keep_docker, ways_of
from bootstrapper.lifecycle import Stop
from bootstrapper.settings.fleet import Docker
from fleet.docker.listener import DRAINING, UP, WEB, Listener, kept, shows
from support.dockerd import Dockerd
from support.eventually import eventually
from support.relay import Relay
from support.services import short_folder


def test_dockerd_is_killed_and_comes_back(
    dockerd: Dockerd, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with kept(dockerd.url) as listener:
        dockerd.run("one", env=WEB)
        dockerd.run("two", env=WEB, restart_policy={"Name": "always"})
        shows(listener, {"one:80": "web up", "two:80": "web up"})
        told = len(listener.told)
        dockerd.kill()
        eventually(lambda: "stay as they were known" in caplog.text)
        assert len(listener.told) == told, "nothing is known, so nothing changes"

        dockerd.start()
        shows(listener, {"two:80": "web up"})
        eventually(lambda: "Docker is back" in caplog.text)
        dockerd.run("three", env=WEB)
        shows(listener, {"two:80": "web up", "three:80": "web up"})
    ours = [each for each in caplog.records if each.name.startswith("bootstrapper.")]
    warnings = [each for each in ours if each.levelno >= logging.WARNING]
    assert len(warnings) == 1


def test_containers_that_outlive_dockerd_stay_as_they_are(
    dockerd: Dockerd, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with kept(dockerd.url) as listener:
        box = dockerd.run("one", env=WEB)
        gone = dockerd.run("two", env=WEB).pid
        shows(listener, {**UP, "two:80": "web up"})
        port = listener.offers["node1:one:80"].port
        dockerd.kill()
        os.kill(gone, signal.SIGKILL)
        dockerd.start("--live-restore")
        shows(listener, UP)
        assert listener.offers["node1:one:80"].port == port == box.port(80)
        box.kill()
        shows(listener, {})
    dockerd.kill()  # the next one comes without that flag


def test_dockerd_that_is_stopped_drains_its_containers_first(dockerd: Dockerd) -> None:
    """It may hang up before it tells of their deaths."""
    with kept(dockerd.url) as listener:
        dockerd.run("one", env=WEB)
        shows(listener, UP)
        dockerd.stop_dockerd()
        eventually(lambda: listener.shown in (DRAINING, {}))
        dockerd.start()
        shows(listener, {})
        dockerd.run("two", env=WEB)
        shows(listener, {"two:80": "web up"})


def test_a_dockerd_that_says_nothing_changes_nothing(
    dockerd: Dockerd, caplog: pytest.LogCaptureFixture
) -> None:
    with kept(dockerd.url, resync=0.2, timeout=0.3) as listener:
        box = dockerd.run("one", env=WEB)
        shows(listener, UP)
        pid = box.pid
        dockerd.freeze()
        eventually(lambda: "stay as they were known" in caplog.text)
        os.kill(pid, signal.SIGKILL)
        assert listener.shown == UP
        dockerd.thaw()
        shows(listener, {})


def test_a_link_that_is_cut_is_taken_up_again(
    dockerd: Dockerd, caplog: pytest.LogCaptureFixture
) -> None:
    relay = Relay(dockerd.url)
    with kept(f"tcp://{relay.address}") as listener:
        box = dockerd.run("one", env=WEB)
        shows(listener, UP)
        relay.cut()
        box.kill()
        dockerd.run("two", env=WEB)
        shows(listener, {"two:80": "web up"})
        eventually(lambda: "stay as they were known" in caplog.text)
    relay.close()


def test_a_docker_that_comes_later(dockerd: Dockerd) -> None:
    dockerd.run("one", env=WEB)
    with short_folder("later") as folder, kept(f"unix://{folder}/d.sock") as listener:
        os.symlink(dockerd.url.removeprefix("unix://"), folder / "d.sock")
        shows(listener, UP)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "unix://",
        "unix://run/d.sock",
        "/run/d.sock",
        "http://h:1",
        "tcp://",
        "tcp://h:x",
        "tcp://[",
    ],
)
def test_a_url_that_is_none_is_a_mistake(url: str) -> None:
    docker = Docker(url=url)
    with pytest.raises(Mistake, match="unix:///"):
        keep_docker(docker, ways_of(docker, "node1", "127.0.0.1"), Listener(), Stop())
