"""The SLO table as a DataTable, update_cell on changed cells only: the baseline of a refresh."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import DataTable

from bench.cells import cells, text
from bench.rounds import rows, serve
from bench.values import Values
from sreconsole.domain.report import SloReport
from sreconsole.present.slo_table import layout, sort_key


class DataTableApp(App[None]):
    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row", cell_padding=0)

    def on_mount(self) -> None:
        self.table, values = self.query_one(DataTable), Values(rows())
        self.columns = layout(self.size.width, values.reports).columns
        for column in self.columns:
            self.table.add_column(column.title, key=column.key, width=column.width + 1)
        self.shown = {report.key: cells(report, self.columns) for report in sorted(values.reports, key=sort_key)}
        for key, row in self.shown.items():
            self.table.add_row(*map(text, row), key=key.service)
        self.run_worker(serve(values, self.publish))

    def publish(self, changed: list[SloReport]) -> None:
        for report in changed:
            old, new = self.shown[report.key], cells(report, self.columns)
            for column, before, after in zip(self.columns, old, new, strict=True):
                if before != after:
                    self.table.update_cell(report.key.service, column.key, text(after))
            self.shown[report.key] = new


if __name__ == "__main__":
    DataTableApp().run()
