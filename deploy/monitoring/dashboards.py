"""Builds the dashboards with Grafana's library: `python -m deploy.monitoring.dashboards` writes grafana/dashboards."""

import json
from itertools import count
from pathlib import Path

from grafana_foundation_sdk.builders.common import ReduceDataOptions, VizLegendOptions
from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.builders.stat import Panel as Stat
from grafana_foundation_sdk.builders.timeseries import Panel as Graph
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import BigValueGraphMode, LegendDisplayMode, LegendPlacement
from grafana_foundation_sdk.models.dashboard import DataSourceRef

from deploy.monitoring.panels import MARKETPLACE, OPERATORS, Panel, Rows

FOLDER = Path(__file__).parent / "grafana" / "dashboards"
SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
STAT_WIDTH, GRAPH_WIDTH = 4, 8  # of 24
STAT_HEIGHT, GRAPH_HEIGHT = 4, 8


def dashboards() -> dict[str, str]:
    """The JSON of each dashboard, by file name."""
    every = {
        "operators": ("Relève: operations", "now-3h", OPERATORS),
        "marketplace": ("Relève: the marketplace", "now-7d", MARKETPLACE),
    }
    return {f"{name}.json": _dashboard(f"releve-{name}", *what) for name, what in every.items()}


def _dashboard(uid: str, title: str, since: str, rows: Rows) -> str:
    board = Dashboard(title).uid(uid).tags(["releve"]).time(since, "now").refresh("30s").timezone("browser").readonly()
    number = count(1)
    for name, panels in rows:
        board.with_row(Row(name).id(next(number)))
        for panel in panels:
            board.with_panel((_stat(panel) if panel.stat else _graph(panel)).id(next(number)))
    return json.dumps(board.build(), cls=JSONEncoder, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _stat(panel: Panel) -> Stat:
    built = Stat().title(panel.title).unit(panel.unit).datasource(SOURCE).span(STAT_WIDTH).height(STAT_HEIGHT)
    built.graph_mode(BigValueGraphMode.NONE).reduce_options(ReduceDataOptions().calcs(["lastNotNull"]))
    [(expression, _)] = panel.queries
    return built.with_target(_query(expression, "", "A").instant())


def _graph(panel: Panel) -> Graph:
    built = Graph().title(panel.title).unit(panel.unit).datasource(SOURCE).span(GRAPH_WIDTH).height(GRAPH_HEIGHT)
    built.min(0)
    legend = VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
    built.legend(legend.show_legend(True))
    for letter, (expression, name) in zip("ABCDEF", panel.queries, strict=False):
        built.with_target(_query(expression, name, letter).range())
    return built


def _query(expression: str, legend: str, letter: str) -> Dataquery:
    return Dataquery().expr(expression).legend_format(legend).ref_id(letter).datasource(SOURCE)


def main() -> None:
    """Writes the dashboards' files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in dashboards().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
