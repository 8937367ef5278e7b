from bootstrapper.jobs.states import FINAL, LEGAL, OPEN, State, before


def test_nothing_follows_a_final_state() -> None:
    assert {state for state in State if not LEGAL[state]} == FINAL


def test_every_state_but_the_first_is_reached_from_an_open_one() -> None:
    for state in State:
        assert before(state), f"nothing leads to {state}"
        assert before(state) <= OPEN


def test_only_a_job_that_ran_can_be_successful_failed_or_lost() -> None:
    for state in (State.SUCCESSFUL, State.FAILED, State.LOST):
        assert before(state) == {State.RUNNING}
