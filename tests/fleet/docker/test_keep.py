"""The loop on a real dockerd: what happens to containers, and what happens to Docker itself."""

import logging
import os
import signal

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.fleet.docker.keep import keep_docker, ways_of
from bootstrapper.fleet.values import Signal
from bootstrapper.lifecycle import Stop
from bootstrapper.settings.fleet import Docker
from fleet.docker.listener import Listener, kept
from support.containers import fetched
from support.dockerd import Dockerd
from support.eventually import eventually
from support.relay import Relay
from support.services import short_folder

WEB = {"SERVICE_NAME": "web"}
UP, DRAINING = {"one:80": "web up"}, {"one:80": "web draining"}


def shows(listener: Listener, expected: dict[str, str], *, within: float = 10.0) -> None:
    def it_does() -> bool:
        assert listener.told
        assert listener.shown == expected
        return True

    eventually(it_does, within=within)


def test_one_that_starts_is_offered_where_it_answers(dockerd: Dockerd) -> None:
    with kept(dockerd.url) as listener:
        shows(listener, {})
        box = dockerd.run("one", env=WEB)
        shows(listener, UP)
        offer = listener.offers["node1:one:80"]
        answered = eventually(lambda: fetched(f"http://{offer.address}:{offer.port}/"))

    assert answered == "one"
    assert offer.port == box.port(80)
    assert offer.host == box.hostname
    assert listener.signals == [Signal.REGISTERED, Signal.REGISTERED]


def test_those_that_run_already_are_told_at_once_and_together(dockerd: Dockerd) -> None:
    dockerd.run("one", env=WEB)
    dockerd.run("two", ports=(80, 81), labels={"SERVICE_81_NAME": "admin"})
    dockerd.run("none", labels={"SERVICE_IGNORE": "yes"})
    dockerd.run("dead", env=WEB).kill()

    with kept(dockerd.url) as listener:
        shows(listener, {"one:80": "web up", "two:80": "box-80 up", "two:81": "admin up"})

    assert listener.signals == [Signal.REGISTERED]


def test_docker_kill_is_certain_before_the_death(dockerd: Dockerd) -> None:
    with kept(dockerd.url) as listener:
        box = dockerd.run("one", env=WEB)
        shows(listener, UP)
        box.kill()
        shows(listener, {})

    assert listener.signals[-1] is Signal.DOCKER_DIE
    assert all(offers.keys() <= {"node1:one:80"} for offers, _ in listener.told)
    assert len(listener.told) == 3, "gone once, and not back in between"


def test_a_process_that_is_killed_from_outside(dockerd: Dockerd) -> None:
    with kept(dockerd.url) as listener:
        box = dockerd.run("one", env=WEB)
        shows(listener, UP)
        os.kill(box.pid, signal.SIGKILL)
        shows(listener, {})

    assert listener.signals[-1] is Signal.DOCKER_DIE


def test_one_that_is_stopped_drains_first_and_serves_meanwhile(dockerd: Dockerd) -> None:
    with kept(dockerd.url) as listener:
        box = dockerd.run("one", env=WEB, linger=2)
        shows(listener, UP)
        eventually(box.answer)
        box.kill("SIGTERM")  # the first thing that `docker stop` does
        shows(listener, DRAINING)
        drained = box.answer()
        shows(listener, {})

    assert drained == "one"
    assert listener.signals[-2:] == [Signal.DOCKER_STOP, Signal.DOCKER_DIE]


def test_a_stop_with_a_signal_of_its_own(dockerd: Dockerd) -> None:
    script = "trap 'sleep 0.3; exit 0' QUIT; httpd -f -p 80 & wait"
    with kept(dockerd.url) as listener:
        box = dockerd.run("one", env=WEB, stop_signal="SIGQUIT", entrypoint=("sh", "-c", script))
        shows(listener, UP)
        box.kill("SIGUSR1")
        box.kill("SIGHUP")
        box.stop()
        shows(listener, {})

    assert listener.signals[-2:] == [Signal.DOCKER_STOP, Signal.DOCKER_DIE]
    assert len(listener.told) == 4, "signals for the program change nothing"


def test_a_restart_has_a_new_port(dockerd: Dockerd) -> None:
    with kept(dockerd.url) as listener:
        box = dockerd.run("one", env=WEB)
        shows(listener, UP)
        first = listener.offers["node1:one:80"].port
        box.restart()
        eventually(lambda: len(listener.told) > 3 and listener.shown == UP)
        second = listener.offers["node1:one:80"].port

        assert first != second == box.port(80)
        assert listener.signals[-3:] == [
            Signal.DOCKER_STOP, Signal.DOCKER_DIE, Signal.REGISTERED,
        ]  # fmt: skip
        box.kill()
        shows(listener, {})
        box.start()
        shows(listener, UP)


def test_a_paused_one_drains_until_it_goes_on(dockerd: Dockerd) -> None:
    with kept(dockerd.url) as listener:
        box = dockerd.run("one", env=WEB)
        shows(listener, UP)
        box.pause()
        shows(listener, DRAINING)
        box.unpause()
        shows(listener, UP)


def test_a_new_name_is_a_new_id_in_one_step(dockerd: Dockerd) -> None:
    with kept(dockerd.url) as listener:
        box = dockerd.run("one", env=WEB)
        shows(listener, UP)
        box.rename("other")
        shows(listener, {"other:80": "web up"})

    assert len(listener.told) == 3


def test_dockers_own_healthcheck_drains_and_lets_in_again(dockerd: Dockerd) -> None:
    second = 1_000_000_000
    check = {
        "test": ["CMD", "test", "!", "-e", "/ill"], "interval": second // 5, "retries": 1,
        "timeout": second,
    }  # fmt: skip
    with kept(dockerd.url) as listener:
        box = dockerd.run("one", env=WEB, healthcheck=check)
        shows(listener, UP)
        box.run_inside("touch", "/ill")
        shows(listener, DRAINING)
        assert listener.signals[-1] is Signal.CHECK
        box.run_inside("rm", "/ill")
        shows(listener, UP)


def test_a_bad_label_is_told_once_and_the_rest_works(
    dockerd: Dockerd, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with kept(dockerd.url) as listener:
        box = dockerd.run("one", env=WEB, labels={"SERVICE_WEIGHT": "heavy"})
        shows(listener, UP)
        box.pause()
        box.unpause()
        shows(listener, UP)

    told = [each.getMessage() for each in caplog.records]
    assert told == ["the container one: SERVICE_WEIGHT: 'heavy' is not 0 to 256: it is 100 now"]


def test_of_two_with_one_id_it_is_the_elders(
    dockerd: Dockerd, caplog: pytest.LogCaptureFixture
) -> None:
    with kept(dockerd.url) as listener:
        elder = dockerd.run("one", env={"SERVICE_ID": "me"})
        younger = dockerd.run("two", env={"SERVICE_ID": "me"})
        eventually(lambda: "another container's service has the id 'me'" in caplog.text)
        assert listener.offers["me"].host == elder.hostname
        elder.kill()
        eventually(lambda: listener.offers["me"].host == younger.hostname)


def test_one_in_anothers_network_follows_it(dockerd: Dockerd) -> None:
    with kept(dockerd.url) as listener:
        lender = dockerd.run("one", env=WEB)
        shows(listener, UP)
        dockerd.run("side", network_mode=f"container:{lender.id}", ports=())
        dockerd.run("host", network_mode="host", ports=(), labels={"SERVICE_NAME": "x"})
        lender.kill()
        shows(listener, {})


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
    warnings = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert len(warnings) == 1


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


@pytest.mark.parametrize("url", ["", "unix://", "/var/run/docker.sock", "http://127.0.0.1:1"])
def test_a_url_that_is_none_is_a_mistake(url: str) -> None:
    docker = Docker(url=url)
    with pytest.raises(Mistake, match="unix:///"):
        keep_docker(docker, ways_of(docker, "node1", "127.0.0.1"), Listener(), Stop())
