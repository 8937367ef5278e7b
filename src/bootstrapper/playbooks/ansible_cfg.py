"""The content's ansible.cfg, honoured where it is not dangerous. Pure.

What chooses roles, plugins' looks and the way a play runs is the content's business. What would
run a program on the control machine, write outside the run, weaken SSH's checks or reach for
secrets is the operator's, and is set in the settings instead.
"""

import configparser
import io

import msgspec

from bootstrapper.errors import Mistake

HONOURED = {
    section: frozenset(keys.split())
    for section, keys in {
        "defaults": """
            any_errors_fatal ansible_managed become_method default_become display_skipped_hosts
            duplicate_dict_key error_on_undefined_vars executable fact_caching_timeout
            force_handlers forks gather_subset gather_timeout gathering hash_behaviour
            inject_facts_as_vars interpreter_python invalid_task_attribute_failed
            jinja2_extensions jinja2_native max_diff_size no_log no_target_syslog poll_interval
            private_role_vars remote_port remote_tmp remote_user task_timeout timeout
            use_persistent_connections""",
        "privilege_escalation": """
            become become_method become_user become_exe become_flags become_allow_same_user""",
        "ssh_connection": "retries pipelining transfer_method usetty timeout",
        "diff": "always context",
        "inventory": "any_unparsed_is_failed unparsed_is_failed ignore_extensions",
        "persistent_connection": "connect_timeout command_timeout",
    }.items()
}
"""What the content may set, by section; `roles_path` besides, inside the content."""


class Config(msgspec.Struct, frozen=True):
    """`text` is what Ansible gets to read; `ignored` what it does not, `section.key` each."""

    text: str
    ignored: tuple[str, ...]
    roles_path: tuple[str, ...] = ()


def filter_config(text: str) -> Config:
    parser = configparser.ConfigParser(inline_comment_prefixes=(";",), interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise Mistake(f"ansible.cfg: {error}") from error
    kept = configparser.ConfigParser(interpolation=None)
    ignored: list[str] = []
    roles_path: tuple[str, ...] = ()
    for section in parser.sections():
        for key, value in parser.items(section):
            if (section, key) == ("defaults", "roles_path"):
                roles_path = tuple(part.strip() for part in value.split(":") if part.strip())
            elif key in HONOURED.get(section, ()):
                if not kept.has_section(section):
                    kept.add_section(section)
                kept.set(section, key, value)
            else:
                ignored.append(f"{section}.{key}")
    out = io.StringIO()
    kept.write(out)
    return Config(out.getvalue(), tuple(ignored), roles_path)
