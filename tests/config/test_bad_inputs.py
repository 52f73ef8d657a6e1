"""One mistake at a time: the line a user gets for it. `{}` marks the edit's place in a small config that loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.files import HEAD, SMALL, loaded, said

SLO = """\
services:
  checkout:
    slos:
      a:
"""
GOOD_SLI = "        sli: {bad: b, total: t}\n"
NAMED = "services.checkout.slos.a"

TOP: dict[str, list[str]] = {
    "refesh: 15s": ["refesh: unknown key (did you mean refresh)"],
    "Refresh: 15s": ["Refresh: unknown key (did you mean refresh)"],
    "refresh: 15": ["refresh: '15' is not a duration, for example 15s"],
    "refresh: 0": ["refresh: '0' has no unit, write for example 1s"],
    "refresh: 500ms": ["refresh: 500ms is out of range: 1s to 1h"],
    "refresh: soon": ["refresh: 'soon' is not a duration, for example 1h30m or 300ms"],
    "refresh: [15s]": ["refresh: expected a duration such as 15s, not a list"],
    "refresh:": ["refresh: is empty; expected a duration such as 15s"],
    "refresh: null": ["refresh: is empty; expected a duration such as 15s"],
    "timezone: Europe/Berln": ["timezone: 'Europe/Berln' is not a time zone (did you mean Europe/Berlin)"],
    "timezone: ../etc/passwd": ["timezone: '../etc/passwd' is not a time zone, for example Europe/Berlin"],
    "read_only: yes": ["read_only: 'yes' is not true or false (did you mean true)"],
    "read_only: ture": ["read_only: 'ture' is not true or false (did you mean true)"],
    "glyphs: utf8": ["glyphs: 'utf8' is not one of auto, unicode or ascii"],
    "mouse: offf": ["mouse: 'offf' is not one of auto, on or off (did you mean off)"],
    "theme: drak": ["theme: no theme is named 'drak' (did you mean dark)"],
    "theme: ../dark": ["theme: '../dark' is not the name of a theme"],
    'author: "a\\e[2Jb"': ["author: 'a␛b' holds characters that cannot be shown"],
    'author: "a\\u202eb"': ["author: 'a⟨U+202E⟩b' holds characters that cannot be shown"],
    "author: ' '": ["author: is empty; expected a name"],
    "author: a\nauthor: b": ["author: duplicate key, first on line {}"],
    "severities: {page: []}": ["severities.page: needs at least 1"],
    "severities: {page: [high], warn: [low, high]}": ["severities.warn: 'high' is under page and under warn"],
    "severities: {lable: high}": ["severities.lable: unknown key (did you mean label)"],
    "silences: {default: 25h}": ["silences.default: 1d1h is longer than longest 1d"],
    "silences: {comment_pattern: 'OPS-('}": [
        "silences.comment_pattern: the regular expression does not compile: missing ), "
        "unterminated subpattern at position 4"
    ],
    "silences: {never_silence: [Watchdog]}": [
        "silences.never_silence[0]: expected one of = != =~ !~ at column 10 of the selector '{Watchdog}'"
    ],
    "silences: {strip_labels: ['a b']}": ["silences.strip_labels[0]: 'a b' is not a label name"],
    "oncall: {shifts: ['8-20']}": ["oncall.shifts[0]: '8-20' is not a span of the day such as 08:00-20:00"],
    "oncall: {shifts: ['08:00-24:30']}": [
        "oncall.shifts[0]: '08:00-24:30' is not a span of the day such as 08:00-20:00"
    ],
    "oncall: {sleep: '22:00-22:00'}": [
        "oncall.sleep: '22:00-22:00' is not a span of the day: it must end at another time than it starts"
    ],
    "oncall: {pages_per_shift: 2.5}": ["oncall.pages_per_shift: '2.5' is not a whole number"],
    "oncall: {pages_per_shift: -1}": ["oncall.pages_per_shift: '-1' is not a whole number"],
    "toil: {cap: 50}": ["toil.cap: '50' is not a share such as 50%"],
    "toil: {cap: 101%}": ["toil.cap: '101%' is not a share such as 50%"],
    "toil: {cap: 0%}": ["toil.cap: '0%' is not a share such as 50%"],
    "toil: {people: 0}": ["toil.people: '0' is not a whole number from 1"],
    "toil: {hours_per_week: 200}": ["toil.hours_per_week: '200' is not a number of hours up to 168"],
    "toil: {counters: [{title: t}]}": ["toil.counters[0].query: missing"],
    "toil: {counters: [{title: t, query: q, source: promm}]}": [
        "toil.counters[0].source: no source is named 'promm' (did you mean prom)"
    ],
    "deploys: {metrics: [{build_info: '9x'}]}": [
        "deploys.metrics[0].build_info: '9x' is not a metric name such as app_build_info"
    ],
    "deploys: {metrics: [{build_info: b, service_label: v, version_label: v}]}": [
        "deploys.metrics[0].version_label: service and version cannot be the same label"
    ],
    "deploys: {kubernetes: kube}": ["deploys.kubernetes: no source is named 'kube'; there are prom"],
    "journal: {mode: '0999'}": ["journal.mode: '0999' is not file permissions such as \"0660\""],
    "journal: {path: a.db, dsn: 'postgresql://h/d'}": ["journal.dsn: give one of path and dsn, not both"],
    "journal: {dsn: 'postgresql://u:hunter2@h/d'}": [
        "journal.dsn: a password does not belong into the address: use password_file"
    ],
    "journal: {dsn: 'mysql://h/d'}": ["journal.dsn: 'mysql://h/d' is not an address such as postgresql://host/db"],
    "journal: {password_file: config.yaml}": ["journal.dsn: missing: password_file needs it"],
    "journal: {path: .}": ["journal.path: '.' is a directory, not a file"],
    "alert_windows: {1y6h: [{long: 1h, short: 5m, factor: 1, severity: page}]}": [],
    "alert_windows: {12h: [{long: 1h, short: 5m, factor: 1, severity: page}]}": [
        "alert_windows.12h: 12h is out of range: 1d to 366d"
    ],
    "alert_windows: {mnoth: [{long: 1h, short: 5m, factor: 1, severity: page}]}": [
        "alert_windows.mnoth: 'mnoth' is not a window such as 30d, week, month or quarter"
    ],
    "alert_windows: {30d: []}": ["alert_windows.30d: needs at least 1"],
    "alert_windows: {1d: &p [{long: 1h, short: 5m, factor: 1, severity: page}], 24h: *p}": [
        "alert_windows.24h: the same as another key here, spelt differently"
    ],
}


@pytest.mark.parametrize("text", TOP)
def test_mistakes_at_the_top(tmp_path: Path, text: str) -> None:
    line = SMALL.count("\n") + text.count("\n") + 1
    expected = [f"{line}: {what.replace('{}', str(line - 1))}" for what in TOP[text]]
    assert said(tmp_path, SMALL + text + "\n") == expected


SLOS: dict[str, list[str]] = {
    "objective: 100": ["objective: '100' is not a percentage above 0 and below 100, as 99.9"],
    "objective: 100.0": ["objective: '100.0' is not a percentage above 0 and below 100, as 99.9"],
    "objective: 0": ["objective: '0' is not a percentage above 0 and below 100, as 99.9"],
    "objective: -1": ["objective: '-1' is not a percentage above 0 and below 100, as 99.9"],
    "objective: 101": ["objective: '101' is not a percentage above 0 and below 100, as 99.9"],
    "objective: NaN": ["objective: 'NaN' is not a percentage above 0 and below 100, as 99.9"],
    "objective: .inf": ["objective: '.inf' is not a percentage above 0 and below 100, as 99.9"],
    "objective: 99.9%": ["objective: '99.9%' is not a percentage above 0 and below 100, as 99.9"],
    "objective: high": ["objective: 'high' is not a percentage above 0 and below 100, as 99.9"],
    "objective: 99.9999999999999": ["objective: '99.9999999999999' has more than 12 digits after the point"],
    "window: 30": ["window: '30' is not a duration, for example 30s"],
    "window: 23h": ["window: 23h is out of range: 1d to 366d"],
    "window: 1d1m": ["window: 1d1m is not a whole number of hours"],
    "window: month": ["window: 'month' is not a duration, for example 1h30m or 300ms"],
    "window: {calendar: year}": ["window.calendar: 'year' is not one of week, month or quarter"],
    "window: {calender: month}": ["window.calender: unknown key (did you mean calendar)"],
    "window: {}": ["window.calendar: missing"],
    "source: prm": ["source: no source is named 'prm' (did you mean prom)"],
    "source: am": ["source: 'am' is of kind alertmanager; SLOs need prometheus or scrape"],
    "alert_windows: []": ["alert_windows: needs at least 1"],
    "alert_windows: [{long: 5m, short: 1h, factor: 1, severity: page}]": [
        "alert_windows[0].short: 1h is not shorter than long (5m)"
    ],
    "alert_windows: [{long: 1h, short: 1h, factor: 1, severity: page}]": [
        "alert_windows[0].short: 1h is not shorter than long (1h)"
    ],
    "alert_windows: [{long: 1h, short: 30s, factor: 1, severity: page}]": [
        "alert_windows[0].short: 30s is out of range: 1m to 366d"
    ],
    "alert_windows: [{long: 1h, short: 90s, factor: 1, severity: page}]": [
        "alert_windows[0].short: 90s is not a multiple of 1m"
    ],
    "alert_windows: [{long: 1h, short: 5m, factor: 0, severity: page}]": [
        "alert_windows[0].factor: '0' is not a burn rate above 0"
    ],
    "alert_windows: [{long: 1h, short: 5m, factor: 1, severity: ticket}]": [
        "alert_windows[0].severity: 'ticket' is not one of page or warn"
    ],
    "alert_windows: [{long: 1h}]": [
        "alert_windows[0].short: missing",
        "alert_windows[0].factor: missing",
        "alert_windows[0].severity: missing",
    ],
    "slis: {}": ["slis: unknown key (did you mean sli)"],
}
MANY = HEAD + "  am: {kind: alertmanager, urls: [http://127.0.0.1:9093]}\n" + SLO


@pytest.mark.parametrize("text", SLOS)
def test_mistakes_in_an_slo(tmp_path: Path, text: str) -> None:
    before = MANY + GOOD_SLI + ("" if text.startswith("objective") else "        objective: 99\n")
    line = before.count("\n") + 1
    expected = [f"{line}: {NAMED}.{what}" for what in SLOS[text]]
    assert sorted(said(tmp_path, f"{before}        {text}\n")) == sorted(expected)


SLIS: dict[str, list[str]] = {
    "{bad: b, good: g, total: t}": ["good: give one of bad and good, not both"],
    "{bad: b}": ["total: missing: bad needs it"],
    "{total: t}": ["bad: missing: one of bad, good: total needs one"],
    "{}": ["bad: missing: one of bad, good, histogram, gauge, bad_query, ratio_query"],
    "{bda: b, total: t}": ["bda: unknown key (did you mean bad)"],
    "{bad: b, totals: t}": ["totals: unknown key (did you mean total)"],
    "{bad: b, total: t, gauge: g}": ["gauge: give one of bad and gauge, not both"],
    "{gauge: g, total: t}": ["bad: missing: one of bad, good: total needs one"],
    "{bad: 'b{', total: t}": ["bad: missing } at column 3 of the selector 'b{'"],
    "{bad: 'b{code=~\"(\"}', total: t}": [
        "bad: the regular expression does not compile (missing ), unterminated subpattern at position 0) "
        "at column 9 of the selector 'b{code=~\"(\"}'"
    ],
    "{bad: 'b[5m]', total: t}": [
        "bad: unexpected '['; leave out the range, it is added at column 2 of the selector 'b[5m]'"
    ],
    "{bad: rate(b), total: t}": [
        "bad: unexpected '('; a selector cannot call functions (use bad_query) at column 5 of the selector 'rate(b)'"
    ],
    "{bad: '', total: t}": ['bad: is empty; expected a selector such as http_requests_total{code=~"5.."}'],
    "{bad: [b], total: t}": ['bad: expected a selector such as http_requests_total{code=~"5.."}, not a list'],
    "{histogram: h}": ["threshold: missing: histogram needs it"],
    "{histogram: h_bucket, threshold: 1s}": ["histogram: name the histogram without _bucket: h"],
    "{histogram: h, threshold: 0}": ["threshold: 0 is not above 0"],
    "{histogram: h, threshold: -1}": ["threshold: -1 is not above 0"],
    "{histogram: h, threshold: 1x}": [
        "threshold: '1x' is not a duration such as 300ms, or a number in the metric's unit"
    ],
    "{bad_query: 'b[{{window}}]'}": ["total_query: missing: bad_query needs it"],
    "{bad_query: 'b[5m]', total_query: 't[{{.window}}]'}": [
        "bad_query: the query has no {{window}} (or {{.window}}): write it where the range goes, as in [{{window}}]"
    ],
    "{ratio_query: 'b[{window}]'}": [
        "ratio_query: the query has no {{window}} (or {{.window}}): write it where the range goes, as in [{{window}}]"
    ],
    "{ratio_query: 'b{{window}}', query_unit: rate}": ["bad_query: missing: query_unit needs it"],
    "{bad_query: '{{window}}', total_query: '{{window}}', query_unit: rates}": [
        "query_unit: 'rates' is not one of rate or count (did you mean rate)"
    ],
    "bad / total": ["expected a mapping (keys with values), not a text"],
    "": ["is empty; expected a mapping (keys with values)"],
}


@pytest.mark.parametrize("text", SLIS)
def test_mistakes_in_an_sli(tmp_path: Path, text: str) -> None:
    before = MANY + "        objective: 99\n"
    line = before.count("\n") + 1
    joint = ": " if SLIS[text][0].startswith(("expected", "is empty")) else "."
    expected = [f"{line}: {NAMED}.sli{joint}{what}" for what in SLIS[text]]
    assert said(tmp_path, f"{before}        sli: {text}\n") == expected


SOURCES: dict[str, list[str]] = {
    "{}": ["kind: missing: one of prometheus, scrape, alertmanager, file, grafana"],
    "{knd: file, path: x}": ["knd: unknown key (did you mean kind)"],
    "{kind: promethus, url: 'http://h'}": ["kind: unknown kind 'promethus' (did you mean prometheus)"],
    "{kind: mysql}": ["kind: unknown kind 'mysql'; known: prometheus, scrape, alertmanager, file, grafana"],
    "{kind: prometheus}": ["url: missing"],
    "{kind: prometheus, urls: ['http://h']}": ["urls: unknown key (did you mean url)"],
    "{kind: prometheus, url: 'h:9090'}": ["url: an address must start with http:// or https://"],
    "{kind: prometheus, url: 'ftp://h'}": ["url: an address must start with http:// or https://"],
    "{kind: prometheus, url: 'http://'}": ["url: the address has no host"],
    "{kind: prometheus, url: 'http://:9090'}": ["url: the address has no host"],
    "{kind: prometheus, url: 'http://h:99999'}": ["url: the address is not valid: check its host and port"],
    "{kind: prometheus, url: 'http://[::1'}": ["url: the address is not valid: check its host and port"],
    "{kind: prometheus, url: 'http://h/?q=1'}": ["url: an address here has no ? or # part"],
    "{kind: prometheus, url: 'http://h/a b'}": ["url: the address holds characters that an address cannot have"],
    "{kind: prometheus, url: 'http://ana@h'}": ["url: user and password do not belong into an address: use basic_auth"],
    "{kind: prometheus, url: 'http://h', scrape_interval: 15}": [
        "scrape_interval: '15' is not auto or a duration such as 15s"
    ],
    "{kind: prometheus, url: 'http://h', dialect: thanos}": [
        "dialect: 'thanos' is not one of auto, prometheus or victoriametrics"
    ],
    "{kind: prometheus, url: 'http://h', external_labels: {'a b': c}}": [
        "external_labels.a b: 'a b' is not a label name"
    ],
    "{kind: prometheus, url: 'http://h', max_answer: 32}": ["max_answer: '32' is not a size such as 32MB"],
    "{kind: prometheus, url: 'http://h', max_answer: 1KB}": ["max_answer: 1KB is out of range: 64KB to 1GB"],
    "{kind: scrape, targets: []}": ["targets: needs at least 1"],
    "{kind: scrape, targets: 'http://h/m'}": ["targets: expected a list, not a text"],
    "{kind: scrape, targets: ['http://h/m', 'http://h/m']}": ["targets: http://h/m stands here twice"],
    "{kind: scrape, targets: ['http://h/m'], interval: 500ms}": ["interval: 500ms is out of range: 1s to 1h"],
    "{kind: alertmanager, urls: ['http://h:9093/am', 'http://x:9093', 'HTTP://H:9093/am/']}": [
        "urls: HTTP://H:9093/am stands here twice: name each member of the cluster once"
    ],
    "{kind: alertmanager, urls: ['http://h', 'http://h:80']}": [
        "urls: http://h:80 stands here twice: name each member of the cluster once"
    ],
    "{kind: alertmanager, urls: ['http://h'], flavour: cortex}": [
        "flavour: 'cortex' is not one of prometheus, mimir or grafana"
    ],
    "{kind: file}": ["path: missing"],
    "{kind: file, path: x, url: 'http://h'}": ["url: unknown key; known here: kind, path"],
    "{kind: grafana, url: 'https://h', bearer_token_file: gone}": ["bearer_token_file: there is no file 'gone'"],
    "{kind: grafana, url: 'https://h', bearer_token_file: confg.yaml}": [
        "bearer_token_file: there is no file 'confg.yaml' (did you mean config.yaml)"
    ],
    "{kind: grafana, url: 'https://h', tls_config: {cert_file: config.yaml}}": [
        "tls_config.key_file: missing: one of key_file, key: cert_file needs one"
    ],
    "{kind: grafana, url: 'https://h', tls_config: {ca: x, ca_file: config.yaml}}": [
        "tls_config.ca_file: give one of ca and ca_file, not both"
    ],
    "{kind: grafana, url: 'https://h', tls_config: {min_version: TLS13, max_version: TLS12}}": [
        "tls_config.max_version: TLS12 is older than min_version TLS13"
    ],
    "{kind: grafana, url: 'https://h', tls_config: {min_version: TLS1.2}}": [
        "tls_config.min_version: 'TLS1.2' is not one of TLS10, TLS11, TLS12 or TLS13 (did you mean TLS12)"
    ],
    "{kind: grafana, url: 'https://h', basic_auth: {password: p}}": [
        "basic_auth.username: missing: one of username, username_file"
    ],
    "{kind: grafana, url: 'https://h', basic_auth: {username: u}, bearer_token: t}": [
        "bearer_token: give one of basic_auth and bearer_token, not both"
    ],
    "{kind: grafana, url: 'https://h', authorization: {type: Basic, credentials: c}}": [
        "authorization.type: user and password are given with basic_auth"
    ],
    "{kind: grafana, url: 'https://h', authorization: {type: Bearer}}": [
        "authorization.credentials: missing: one of credentials, credentials_file"
    ],
    "{kind: grafana, url: 'https://h', oauth2: {client_id: i, client_secret: s}}": ["oauth2.token_url: missing"],
    "{kind: grafana, url: 'https://h', oauth2: {client_id: i, client_secret: s, token_url: 'http://t.example'}}": [
        "oauth2.token_url: would send secrets in clear text to another machine: use https"
    ],
    "{kind: grafana, url: 'http://h', bearer_token: t}": [
        "url: would send secrets in clear text to another machine: use https"
    ],
    "{kind: grafana, url: 'http://127.evil.example', bearer_token: t}": [
        "url: would send secrets in clear text to another machine: use https"
    ],
    "{kind: alertmanager, urls: ['https://h', 'http://h'], basic_auth: {username: u}}": [
        "urls: would send secrets in clear text to another machine: use https"
    ],
    "{kind: grafana, url: 'http://h', http_headers: {X-A: {secrets: [s]}}}": [
        "url: would send secrets in clear text to another machine: use https"
    ],
    "{kind: grafana, url: 'https://h', http_headers: {Authorization: {values: [x]}}}": [
        "http_headers.Authorization: this header is not yours to set: use authorization or basic_auth"
    ],
    "{kind: grafana, url: 'https://h', http_headers: {'a b': {values: [x]}}}": [
        "http_headers.a b: 'a b' is not the name of an HTTP header"
    ],
    "{kind: grafana, url: 'https://h', http_headers: {X-A: {values: [\"a\\nb\"]}}}": [
        "http_headers.X-A.values[0]: 'a b' holds characters that cannot be shown"
    ],
    "{kind: grafana, url: 'https://h', http_headers: {X-A: {}}}": [
        "http_headers.X-A.values: missing: one of values, secrets, files"
    ],
    "{kind: grafana, url: 'https://h', no_proxy: x}": ["proxy_url: missing: no_proxy needs it"],
    "{kind: grafana, url: 'https://h', proxy_url: 'http://p', proxy_from_environment: true}": [
        "proxy_from_environment: give one of proxy_url and proxy_from_environment, not both"
    ],
    "{kind: grafana, url: 'https://h', bearer_token: {command: pass}}": [
        "bearer_token.command: expected a list, not a text"
    ],
    "{kind: grafana, url: 'https://h', bearer_token: {command: []}}": ["bearer_token.command: needs at least 1"],
    "{kind: grafana, url: 'https://h', bearer_token: {cmd: [x]}}": [
        "bearer_token.cmd: unknown key (did you mean command)"
    ],
    "{kind: grafana, url: 'https://h', bearer_token: ''}": ["bearer_token: is empty"],
}


@pytest.mark.parametrize("text", SOURCES)
def test_mistakes_in_a_source(tmp_path: Path, text: str) -> None:
    expected = [f"4: sources.x.{what}" for what in SOURCES[text]]
    config = f"{HEAD}  x: {text}\nservices: {{checkout: {{}}}}\n"
    assert said(tmp_path, config) == expected


WHOLE: dict[str, list[str]] = {
    "version: 1": ["1: sources: missing", "1: services: missing: one of services, fleets"],
    "sources: {p: {kind: file, path: x}}\nservices: {a: }": [
        "1: version: missing",
        "2: services.a: is empty; expected a mapping (keys with values)",
    ],
    "version: 2\nsources: {}\nservices: {}": [
        "1: version: '2' is not 1",
        "2: sources: needs at least 1",
        "3: services: needs at least 1",
    ],
    HEAD + "fleets:\n- label: service\n": ["5: fleets[0].slos: missing"],
    HEAD + "fleets:\n- {label: service, slos: {}}\n": ["5: fleets[0].slos: needs at least 1"],
    HEAD + "fleets:\n- {label: service, limit: 0, slos: {a: {objective: 9, sli: {gauge: g}}}}\n": [
        "5: fleets[0].limit: '0' is not a whole number from 1 to 100000"
    ],
    HEAD + "services:\n  a: {depends_on: [bb, a]}\n  b: {}\n": [
        "5: services.a.depends_on[0]: no service is named 'bb' (did you mean b)",
        "5: services.a.depends_on[1]: a service cannot depend on itself",
    ],
    HEAD + "services:\n  a: {match: {}, tier: vital, runbook: 'javascript:x'}\n": [
        "5: services.a.tier: 'vital' is not one of critical or standard (did you mean critical)",
        "5: services.a.runbook: an address must start with http:// or https://",
        "5: services.a.match: needs at least 1",
    ],
    HEAD + 'services:\n  "a\\u009b31m": {}\n': ["5: services.a␛: 'a␛' holds characters that cannot be shown"],
    HEAD + "services:\n  a: {}\n  a: {}\n": ["6: services.a: duplicate key, first on line 5"],
    "version: 1\nsources:\n  am: {kind: alertmanager, urls: ['http://h']}\n"
    + SLO
    + GOOD_SLI
    + "        objective: 9\n": [f"7: {NAMED}.source: there is no source to use: SLOs need prometheus or scrape"],
    HEAD + "  two: {kind: scrape, targets: ['http://h/m']}\n" + SLO + GOOD_SLI: [
        f"8: {NAMED}.objective: missing",
        f"8: {NAMED}.source: missing: there is more than one source that fits (prom, two)",
    ],
}


@pytest.mark.parametrize("text", WHOLE)
def test_mistakes_of_the_whole(tmp_path: Path, text: str) -> None:
    assert said(tmp_path, text) == WHOLE[text]


@pytest.mark.parametrize(
    "sli", ["{ratio_query: 'x{{window}}'}", "{bad_query: 'b[{{window}}]', total_query: 't[{{window}}]'}"]
)
def test_queries_need_a_prometheus(tmp_path: Path, sli: str) -> None:
    text = f"version: 1\nsources:\n  s: {{kind: scrape, targets: ['http://h/m']}}\n{SLO}        sli: {sli}\n"
    what = f"{NAMED}.sli: s is of kind scrape and cannot run PromQL: use bad and total, or a histogram"
    assert said(tmp_path, text) == [f"7: {NAMED}.objective: missing", f"8: {what}"]


FLEET = """\
fleets:
  - label: service
    except: [{}]
    slos:
      availability: {{objective: 99, sli: {{bad: b, total: t}}}}
"""


@pytest.mark.parametrize("globs", ["", "test-*, check", "Checkout"])
def test_a_service_repeating_an_slo_of_a_fleet_is_refused(tmp_path: Path, globs: str) -> None:
    what = "fleets[0] has an SLO of this name too: add checkout to its except, or rename one"
    assert said(tmp_path, SMALL + FLEET.format(globs)) == [f"7: services.checkout.slos.availability: {what}"]


@pytest.mark.parametrize("globs", ["checkout", "test-*, check*"])
def test_a_service_left_out_of_a_fleet_may_repeat_its_slo(tmp_path: Path, globs: str) -> None:
    assert said(tmp_path, SMALL + FLEET.format(globs)) == []


def test_two_fleets_over_one_label_cannot_share_a_name(tmp_path: Path) -> None:
    text = HEAD + FLEET.format("") + FLEET.format("").removeprefix("fleets:\n")
    what = "fleets[0] has an SLO of this name for the same label: rename one"
    assert said(tmp_path, text) == [f"12: fleets[1].slos.availability: {what}"]
    assert said(tmp_path, text.replace("  - label: service", "  - label: job", 1)) == []


def test_with_fleets_a_dependency_may_be_a_member(tmp_path: Path) -> None:
    text = HEAD + "services: {a: {depends_on: [member]}}\n" + FLEET.format("")
    assert said(tmp_path, text) == []


def test_a_renamed_source_is_reported_where_it_is_missed(tmp_path: Path) -> None:
    text = SMALL.replace("  prom:", "  prometheus:") + "deploys: {kubernetes: prom}\n"
    text = text.replace("objective: 99.9", "objective: 99.9\n        source: prom")
    assert said(tmp_path, text) == [
        "9: services.checkout.slos.availability.source: no source is named 'prom' (did you mean prometheus)",
        "11: deploys.kubernetes: no source is named 'prom' (did you mean prometheus)",
    ]


def test_a_source_with_a_mistake_is_not_reported_where_it_is_used(tmp_path: Path) -> None:
    text = SMALL.replace("objective: 99.9", "objective: 99.9\n        source: prom")
    for old, new in (
        ("kind: prom", "kind: porm"),
        ("url: http", "url: htp"),
        ("url:", "ulr:"),
        ("sources:", "source:"),
    ):
        lines = said(tmp_path, text.replace(old, new))
        assert [line.partition(":")[0] for line in lines] == ["2" if old == "sources:" else "3"]


def test_which_source_is_meant_is_not_asked_while_a_source_has_a_mistake(tmp_path: Path) -> None:
    two = SMALL.replace("services:", "  two: {kind: prometheus, url: http://h}\nservices:")
    assert [line.partition(":")[0] for line in said(tmp_path, two)] == ["8"]
    assert [line.partition(":")[0] for line in said(tmp_path, two.replace("kind: prom", "kind: porm", 1))] == ["3"]
    assert [line.partition(":")[0] for line in said(tmp_path, SMALL.replace("sources:", "source:"))] == ["2"]
    assert [line.partition(":")[0] for line in said(tmp_path, SMALL.replace("prom: {", "prom: #"))] == ["3"]


def test_all_mistakes_come_at_once_sorted_by_line(tmp_path: Path) -> None:
    text = (
        "refrsh: 1s\n"
        + SMALL.replace("version: 1", "version: one").replace("99.9", "999")
        + "theme: none\nversion: 1\n"
    )
    lines = said(tmp_path, text)
    assert [int(line.partition(":")[0]) for line in lines] == [1, 2, 9, 11, 12]


WARNINGS: dict[str, str] = {
    SMALL.replace("url:", "follow_redirects: true, url:"): "3: warning: sources.prom.follow_redirects: redirects are "
    "never followed, so that credentials stay where you send them",
    SMALL.replace("sli:", "alert_windows: [{long: 60d, short: 1h, factor: 2, severity: warn}]\n        sli:"): "9: "
    "warning: services.checkout.slos.availability.alert_windows: pair 1 is never known: its long window passes the "
    "SLO's window",
    SMALL.replace("sli:", "alert_windows: [{long: 1h, short: 5m, factor: 1000, severity: warn}]\n        sli:"): "9: "
    "warning: services.checkout.slos.availability.alert_windows: pair 1 can never fire: the burn rate is at most "
    "1000 here",
    SMALL + "  other: {match: {service: checkout}}\n": "10: warning: services.other.match: the same labels as "
    "services.checkout: alerts and deploys go to that one",
    SMALL.replace("services:", "  l: {kind: scrape, targets: ['http://h/m'], history: gone.jsonl}\nservices:").replace(
        "objective", "source: l, objective".replace(", ", "\n        ")
    ): "4: warning: sources.l.history: there is no file 'gone.jsonl': the history starts empty",
}


@pytest.mark.parametrize("text", WARNINGS)
def test_doubts_are_warnings_and_the_config_loads(tmp_path: Path, text: str) -> None:
    warnings = [str(warning) for warning in loaded(tmp_path, text).warnings]
    assert warnings == [f"{tmp_path / 'config.yaml'}:{WARNINGS[text]}"]
