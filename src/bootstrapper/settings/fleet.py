"""What may be set of the fleet: this node, its services, where they are seen, and the brakes."""

from typing import Annotated, Literal

from msgspec import Meta

from bootstrapper.settings.section import Secret, Section


class StaticService(Section, frozen=True, kw_only=True):
    service: Annotated[str, Meta(description="its name")]
    port: Annotated[int, Meta(description="its port", ge=1, le=65535)]
    id: Annotated[str, Meta(description="its id; empty: node:service:port")] = ""
    address: Annotated[str, Meta(description="its address; empty: the node's")] = ""
    tags: Annotated[tuple[str, ...], Meta(description="words for its readers")] = ()
    weight: Annotated[int, Meta(description="its share of the traffic", ge=0, le=256)] = 100
    cluster: Annotated[str, Meta(description="its cluster; empty: the node's")] = ""
    unit: Annotated[str, Meta(description="a systemd unit: registered while it is active")] = ""
    check_http: Annotated[str, Meta(description="a path or URL that answers 2xx or 3xx")] = ""
    check_tcp: Annotated[bool, Meta(description="whether its port accepts")] = False
    check_command: Annotated[tuple[str, ...], Meta(description="words that end with 0")] = ()
    interval: Annotated[float, Meta(description="seconds between checks", gt=0)] = 0.5
    timeout: Annotated[float, Meta(description="seconds for one check", gt=0)] = 1.0
    rise: Annotated[int, Meta(description="good results in a row until it passes", ge=1)] = 1
    fall: Annotated[int, Meta(description="bad results in a row until it fails", ge=1)] = 2
    grace: Annotated[float, Meta(description="seconds in which it may start", ge=0)] = 0.0


class KeyLayout(Section, frozen=True, kw_only=True):
    key: Annotated[str, Meta(description="as /services/{service}/{id}", min_length=2)]
    value: Annotated[str, Meta(description="as {address}:{port}, or json")] = "{address}:{port}"
    of: Annotated[Literal["instance", "node"], Meta(description="what has such a key")] = "instance"
    services: Annotated[tuple[str, ...], Meta(description="those it is for; empty: all")] = ()
    unhealthy: Annotated[
        Literal["withdraw", "keep"],
        Meta(description="whether the key of one without traffic goes, or stays with weight 0"),
    ] = "withdraw"


class Serf(Section, frozen=True, kw_only=True):
    rpc: Annotated[str, Meta(description="address:port of the local agent; empty: no serf")] = ""
    auth: Annotated[Secret | None, Meta(description="where its RPC key is found")] = None
    interval: Annotated[float, Meta(description="seconds between looks at members", gt=0)] = 1.0
    port: Annotated[int, Meta(description="where members are joined", ge=1, le=65535)] = 7946


class Docker(Section, frozen=True, kw_only=True):
    url: Annotated[
        str, Meta(description="unix:///var/run/docker.sock or tcp://…; empty: no Docker")
    ] = ""
    internal: Annotated[
        bool, Meta(description="containers' own addresses and ports, not published ones")
    ] = False
    explicit: Annotated[
        bool, Meta(description="only those with a SERVICE_NAME; else every published port")
    ] = False
    resync: Annotated[float, Meta(description="seconds between whole listings", gt=0)] = 30.0
    timeout: Annotated[float, Meta(description="seconds for an answer", gt=0)] = 10.0


class Brakes(Section, frozen=True, kw_only=True):
    witness: Annotated[
        bool, Meta(description="whether serf's word alone needs a second witness")
    ] = True
    quorum: Annotated[
        float, Meta(description="share of nodes a side must see alive to act", ge=0, le=1)
    ] = 0.5
    share: Annotated[
        float,
        Meta(description="share of a service's instances removed by guess in a window", ge=0, le=1),
    ] = 0.2
    window: Annotated[float, Meta(description="seconds of that window", gt=0)] = 60.0
    hold_share: Annotated[
        float,
        Meta(description="share of a cluster failing in a window that holds guesses", gt=0, le=1),
    ] = 0.4
    min_instances: Annotated[
        int, Meta(description="of each service, left by guesses at least", ge=0)
    ] = 1
    floors: Annotated[dict[str, int], Meta(description="service → its own min_instances")] = {}
    down_for: Annotated[
        float, Meta(description="seconds a failed member is kept, marked down", ge=0)
    ] = 600.0
    flaps: Annotated[int, Meta(description="comings and goings until damped; 0: never", ge=0)] = 3
    flap_window: Annotated[float, Meta(description="seconds they are counted in", gt=0)] = 300.0
    keep_out: Annotated[
        float, Meta(description="seconds kept out at first, doubled each time", gt=0)
    ] = 30.0
    keep_out_most: Annotated[float, Meta(description="seconds kept out at most", gt=0)] = 1800.0
    learn: Annotated[
        float, Meta(description="seconds a new reconciler learns before it acts", ge=0)
    ] = 5.0
    probe: Annotated[
        float, Meta(description="seconds to ask a silent node's ports; 0: do not ask", ge=0)
    ] = 0.25


class Fleet(Section, frozen=True, kw_only=True):
    enabled: Annotated[bool, Meta(description="whether `watch` registers this node")] = False
    node: Annotated[str, Meta(description="its name; empty: the host's")] = ""
    address: Annotated[
        str, Meta(description="its address; empty: detected; ec2 or ec2-public: asked from EC2")
    ] = ""
    cluster: Annotated[str, Meta(description="the cluster it is a member of")] = ""
    role: Annotated[str, Meta(description="its role")] = ""
    tags: Annotated[dict[str, str], Meta(description="name → value, shown with it")] = {}
    prefix: Annotated[str, Meta(description="where the fleet's records are")] = (
        "/bootstrapper/fleet/"
    )
    layouts: Annotated[
        tuple[Literal["services", "2015", "registrator"], ...],
        Meta(
            description="keys for readers: /services/<service>/<id>, those of 2015, registrator's"
        ),
    ] = ("services",)
    registrator_prefix: Annotated[str, Meta(description="what registrator's keys begin with")] = (
        "/services"
    )
    keys: Annotated[tuple[KeyLayout, ...], Meta(description="keys of your own shape")] = ()
    services: Annotated[
        tuple[StaticService, ...], Meta(description="what always runs here, or as a unit")
    ] = ()
    lease: Annotated[
        float, Meta(description="seconds of silence until a node is suspected", ge=1)
    ] = 2.0
    leave_on_stop: Annotated[
        bool,
        Meta(
            description="whether a watch that is told to end takes its services along, "
            "as where the machine goes with it"
        ),
    ] = False
    api_checks: Annotated[
        Literal["own", "any"],
        Meta(
            description="what checks of services registered through the API may do: ask the "
            "address that is registered, or anything, commands too; of `serve` and of each node"
        ),
    ] = "own"
    reconcile: Annotated[bool, Meta(description="whether this watch may be the reconciler")] = True
    proxies: Annotated[
        tuple[str, ...],
        Meta(description="admin sockets of HAProxys here, whose checks are witnesses"),
    ] = ()
    events_kept: Annotated[int, Meta(description="events kept for `why`", ge=100)] = 5_000
    metrics: Annotated[str, Meta(description="address:port of the fleet's /metrics")] = ""
    docker: Docker = Docker()
    serf: Serf = Serf()
    brakes: Brakes = Brakes()
