"""The loop on a real dockerd: what happens to containers, and what is told of it."""

import logging
import os
import signal

import pytest

from bootstrapper.fleet.values import Signal
from fleet.docker.listener import DRAINING, UP, WEB, kept, shows
from support.containers import fetched
from support.dockerd import Dockerd
from support.eventually import eventually


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

    told = [each.getMessage() for each in caplog.records if each.name.startswith("bootstrapper.")]
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


def test_one_in_anothers_network_is_reached_there(dockerd: Dockerd) -> None:
    with kept(dockerd.url) as listener:
        lender = dockerd.run("one", env=WEB)
        shows(listener, UP)
        mode = f"container:{lender.id}"
        dockerd.run("side", network_mode=mode, ports=(), tag="exposed")
        shows(listener, {**UP, "side:80": "box up"})
        assert len({each.port for each in listener.offers.values()}) == 1
        lender.kill()
        shows(listener, {})


def test_in_the_hosts_network_what_is_exposed_is_the_hosts(dockerd: Dockerd) -> None:
    with kept(dockerd.url) as listener:
        dockerd.run("one", env=WEB, network_mode="host", ports=(), tag="exposed")
        dockerd.run("alone", env=WEB, network_mode="none", ports=(), tag="exposed")
        dockerd.run("two", env=WEB, ports=(), tag="exposed")
        dockerd.run("three", env=WEB)
        shows(listener, {"one:80": "web up", "three:80": "web up"})

    assert listener.offers["node1:one:80"].port == 80
