"""A bar of tasks and hosts. How many tasks are to come only the play knows, and not always."""

from bootstrapper.chat.progress.progress import Progress

WIDTH = 20


def bar(progress: Progress, targets: int) -> str:
    """`██████░░░░ tasks 12/40 · hosts 3/5`; without the bar where nobody counted the tasks."""
    play = progress.play
    if not play.number:
        return ""
    hosts = play.hosts or targets
    counted = [f"play {play.number}"] if play.number > 1 else []
    if play.tasks:
        total = max(play.tasks, play.begun)
        counted.append(f"tasks {play.begun}/{total}")
    elif play.begun:
        counted.append(f"tasks {play.begun}")
    if hosts and not progress.final:
        counted.append(f"hosts {min(play.answered, hosts)}/{hosts}")
    text = " · ".join(counted)
    return f"{_drawn(share(progress, targets))} {text}" if play.tasks else text


def share(progress: Progress, targets: int) -> float:
    """From 0 to 1, of the play that runs."""
    play = progress.play
    if not play.tasks or not play.begun:
        return 0.0
    total = max(play.tasks, play.begun)
    hosts = play.hosts or targets
    within = min(play.answered / hosts, 1.0) if hosts else 0.0
    return (play.begun - 1 + within) / total


def _drawn(part: float) -> str:
    full = int(part * WIDTH)
    return "█" * full + "░" * (WIDTH - full)
