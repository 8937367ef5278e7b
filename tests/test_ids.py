import re
import uuid

from bootstrapper.ids import new_id


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = uuid.UUID(new_id())

    assert (made.version, made.variant) == (7, uuid.RFC_4122)


def test_ids_sort_by_their_milliseconds() -> None:
    ids = [new_id() for _ in range(5000)]

    moments = [re.sub("-", "", each)[:12] for each in ids]
    assert moments == sorted(moments)
    assert len(set(ids)) == len(ids)
