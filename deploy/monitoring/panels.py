"""The panels of the dashboards: each has a title, a unit, and expressions with their legends."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Panel:
    """One panel. ``queries`` are expressions with their legends; a ``stat`` shows only the last value."""

    title: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    stat: bool = False


def stat(title: str, unit: str, expression: str) -> Panel:
    """A panel that shows a single value."""
    return Panel(title, unit, ((expression, ""),), stat=True)


def graph(title: str, unit: str, *queries: tuple[str, str]) -> Panel:
    """A panel that shows lines over time."""
    return Panel(title, unit, queries)


def quantiles(metric: str, by: str, *shares: float) -> list[tuple[str, str]]:
    """Quantiles of a histogram over five minutes: one line per quantile and value of the label ``by``."""
    over = f"sum by ({by}, le) (rate({metric}_bucket[5m]))"
    return [(f"histogram_quantile({share}, {over})", f"p{share * 100:g} {{{{{by}}}}}") for share in shares]


def seen(events: str, over: str) -> str:
    """Number of events matching this regular expression, by notify, which handles all that concern a person."""
    return f'increase(releve_events_total{{service="notify", outcome="applied", event=~"{events}"}}[{over}])'


Rows = Sequence[tuple[str, Sequence[Panel]]]
_FIVES = 'envoy_http_downstream_rq_xx{envoy_http_conn_manager_prefix="gateway", envoy_response_code_class="5"}'
_ALL = 'envoy_http_downstream_rq_xx{envoy_http_conn_manager_prefix="gateway"}'
_HTTP = 'releve_http_seconds_count{side="http", route!~"/healthz|/readyz|/metrics"}'

OPERATORS: Rows = (
    ("Now", (
        stat("Firing alerts", "none", 'count(ALERTS{alertstate="firing"}) or vector(0)'),
        stat("Processes up", "none", 'sum(up{job="releve"})'),
        stat("Requests per second", "reqps", f"sum(rate({_ALL}[5m]))"),
        stat("Errors", "percentunit", f"(sum(rate({_FIVES}[5m])) or vector(0)) / sum(rate({_ALL}[5m]))"),
        stat("Highest consumer lag", "none", "max(sum by (group) (releve_consumer_lag_events))"),
        stat("Waiting dead letters", "none", "sum(releve_dead_letters_waiting)"),
    )),
    ("Requests", (
        graph("Rate by route", "reqps",
              (f"sum by (service, method, route) (rate({_HTTP}[5m])) > 0", "{{method}} {{route}}")),
        graph("Errors by route", "reqps",
              ('sum by (method, route, status) (rate(releve_http_seconds_count{side="http", status=~"5.."}[5m]))',
               "{{status}} {{method}} {{route}}")),
        graph("p99 by route", "s",
              ("histogram_quantile(0.99, sum by (method, route, le) (rate(releve_http_seconds_bucket[5m])))",
               "{{method}} {{route}}")),
        graph("Gateway: answers by class", "reqps",
              (f"sum by (envoy_response_code_class) (rate({_ALL}[5m]))", "{{envoy_response_code_class}}xx")),
        graph("Processes", "none", ('sum by (service, side) (up{job="releve"})', "{{service}} {{side}}")),
        graph("Memory", "bytes",
              ('max by (service, side) (process_resident_memory_bytes{job="releve"})', "{{service}} {{side}}")),
    )),
    ("Events", (
        graph("Consumer lag by group", "none", ("sum by (group) (releve_consumer_lag_events)", "{{group}}")),
        graph("Handled", "ops",
              ("sum by (service, outcome) (rate(releve_events_total[5m]))", "{{service}} {{outcome}}")),
        graph("From event to effect", "s", *quantiles("releve_event_age_seconds", "service", 0.5, 0.99)),
        graph("Handlers", "s", *quantiles("releve_event_seconds", "event", 0.99)),
        graph("Waiting dead letters", "none", ("releve_dead_letters_waiting", "{{service}}")),
        graph("Halted consumers", "none", ("sum by (service) (releve_consumer_halted)", "{{service}}")),
    )),
    ("Outboxes", (
        graph("Age of the oldest", "s", ("releve_outbox_age_seconds", "{{service}}")),
        graph("Depth", "none", ("releve_outbox_depth", "{{service}}")),
        graph("Published", "ops", ("sum by (topic) (rate(releve_outbox_published_total[5m]))", "{{topic}}"),
              ("sum(rate(releve_relay_failures_total[5m]))", "failed sessions")),
    )),
    ("Deadlines", (
        graph("Lateness", "s", *quantiles("releve_deadline_lateness_seconds", "collection", 0.5, 0.99)),
        graph("Fired", "ops",
              ("sum by (collection, outcome) (rate(releve_deadlines_total[5m]))", "{{collection}} {{outcome}}")),
        graph("Most overdue window", "s", ("max(releve_window_overdue_seconds)", "overdue")),
    )),
    ("Engines", (
        graph("MongoDB members", "none", ("releve_mongo_members", "{{state}}")),
        graph("Kafka", "none", ("releve_kafka_brokers", "brokers"), ("releve_kafka_brokers_missing", "missing"),
              ("releve_kafka_partitions_underreplicated", "under-replicated"),
              ("releve_kafka_partitions_offline", "offline")),
        graph("Relays holding the lease", "none", ("releve_relay_leads", "{{service}}")),
    )),
    ("Mails and monitoring", (
        graph("Mails", "ops", ("sum by (outcome) (rate(releve_mails_total[5m]))", "{{outcome}}")),
        graph("Most overdue mail", "s", ("max(releve_mails_overdue_seconds)", "overdue")),
        graph("Erasures", "none", ("max(releve_departures_waiting)", "asked for"),
              ("max(releve_erasures_unconfirmed)", "not confirmed"),
              ("max(releve_erasures_overdue)", "for over a day")),
        graph("Most overdue departure", "s", ("max(releve_departure_overdue_seconds)", "overdue")),
        graph("Time per reading of the exporter", "s",
              ("rate(releve_exporter_read_seconds_total[5m]) / rate(releve_exporter_reads_total[5m])", "{{source}}")),
    )),
)  # fmt: skip
MARKETPLACE: Rows = (
    ("Now", (
        stat("Open windows", "none", "max(releve_windows_open)"),
        stat("Slots filled", "percentunit", "max(releve_slots_filled) / (5 * max(releve_windows_open) > 0)"),
        stat("Slots claimed", "none", "max(releve_slots_claimed)"),
        stat("Windows at risk", "none", "max(releve_rounds_at_risk)"),
        stat("Rounds beyond five", "none", "max(releve_rounds_beyond_five)"),
        stat("Mails given up", "none", "max(releve_mails_dead)"),
    )),
    ("Rounds", (
        graph("Projects and quotes an hour", "none",
              (f"sum({seen('project.posted', '1h')})", "projects"),
              (f"sum({seen('quote.submitted', '1h')})", "quotes")),
        graph("Time to five quotes, over a day", "s",
              ("histogram_quantile(0.5, sum by (le) (rate(releve_time_to_five_quotes_seconds_bucket[1d])))", "half"),
              ("histogram_quantile(0.9, sum by (le) (rate(releve_time_to_five_quotes_seconds_bucket[1d])))", "90 %")),
        graph("Rounds that got five, of those that ended in a day", "percentunit",
              ("sum(increase(releve_time_to_five_quotes_seconds_count[1d])) / "
               f"sum({seen('window.closed', '1d')})", "share")),
        graph("Windows and slots", "none", ("max(releve_windows_open)", "open windows"),
              ("max(releve_slots_filled)", "quotes in them"), ("max(releve_slots_claimed)", "claims in them")),
        graph("Invitations a quote", "none",
              ("max(releve_invitations_stored) / (max(releve_quotes_stored) > 0)", "since the beginning"),
              ("(max(releve_invitations_stored) - max(releve_invitations_stored offset 1d)) / "
               "(max(releve_quotes_stored) - max(releve_quotes_stored offset 1d) > 0)", "over a day")),
        graph("Windows at risk", "none", ("max(releve_rounds_at_risk)", "at risk")),
    )),
    ("Outcomes", (
        graph("Choices and ends an hour", "none",
              (f"sum by (event) ({seen('project.(awarded|refused|expired|cancelled|completed)', '1h')})", "{{event}}")),
        graph("Second thoughts an hour", "none",
              (f"sum by (event) ({seen('invitation.declined|quote.withdrawn|window.extended', '1h')})", "{{event}}")),
        graph("Questions an hour", "none",
              (f"sum by (event) ({seen('question.(asked|answered)', '1h')})", "{{event}}")),
    )),
)  # fmt: skip
