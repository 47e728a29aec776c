"""How a report looks: one column on light paper, the same on a screen and in print."""

from __future__ import annotations

from netbuilder.report.drawing import ACCENT, LINE, MUTED, NEGATIVE, POSITIVE, SUNKEN, TEXT

STYLE = f"""
:root {{ color-scheme: light; }}
* {{ box-sizing: border-box; }}
html {{ background: #f3f5f7; }}
body {{ margin: 0; color: {TEXT}; font: 15px/1.55 system-ui, "Segoe UI", "Noto Sans",
  "Helvetica Neue", sans-serif; -webkit-print-color-adjust: exact; print-color-adjust: exact; }}
main {{ max-width: 980px; margin: 32px auto; padding: 56px 64px 40px; background: #fff;
  border: 1px solid {LINE}; border-radius: 14px; }}
.kicker {{ margin: 0; color: {ACCENT}; font-size: 12px; font-weight: 600; letter-spacing: .09em;
  text-transform: uppercase; }}
h1 {{ margin: 6px 0 4px; font-size: 34px; line-height: 1.15; letter-spacing: -.015em;
  overflow-wrap: anywhere; }}
.lead {{ margin: 0; color: {MUTED}; font-size: 16px; overflow-wrap: anywhere; }}
h2 {{ margin: 52px 0 14px; padding-top: 18px; border-top: 1px solid {LINE}; font-size: 21px;
  letter-spacing: -.01em; break-after: avoid; }}
h3 {{ margin: 26px 0 8px; font-size: 14px; break-after: avoid; overflow-wrap: anywhere; }}
p {{ margin: 8px 0; max-width: 46em; }}
.small {{ color: {MUTED}; font-size: 13px; }}
.figures {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 1px;
  margin: 30px 0 0; background: {LINE}; border: 1px solid {LINE}; border-radius: 10px;
  overflow: hidden; }}
.figure {{ padding: 15px 18px 13px; background: #fff; }}
.figure b {{ display: block; font-size: 25px; font-weight: 650; line-height: 1.2;
  letter-spacing: -.01em; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }}
.figure span {{ color: {MUTED}; font-size: 12.5px; }}
ul.notes {{ margin: 0; padding: 0; list-style: none; }}
ul.notes li {{ position: relative; margin: 0 0 8px; padding: 9px 16px 9px 20px; max-width: none;
  background: {SUNKEN}; border-radius: 8px; break-inside: avoid; overflow-wrap: anywhere; }}
ul.notes li::before {{ content: ""; position: absolute; left: 0; top: 0; bottom: 0; width: 4px;
  border-radius: 8px 0 0 8px; background: {POSITIVE}; }}
ul.notes li.weighty {{ background: #fdf1e6; }}
ul.notes li.weighty::before {{ background: {NEGATIVE}; }}
table {{ border-collapse: collapse; width: 100%; font-size: 13.5px;
  font-variant-numeric: tabular-nums; }}
th, td {{ padding: 6px 14px 6px 0; border-bottom: 1px solid {LINE}; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }}
th {{ color: {MUTED}; font-size: 12px; font-weight: 600; overflow-wrap: normal; }}
tr {{ break-inside: avoid; }}
td.number, th.number {{ text-align: right; padding-right: 0; padding-left: 14px;
  white-space: nowrap; }}
.scroll {{ overflow-x: auto; }}
.settings {{ columns: 3; column-gap: 40px; margin: 0; font-size: 13.5px; }}
.settings div {{ display: flex; justify-content: space-between; gap: 12px; padding: 5px 0;
  border-bottom: 1px solid {LINE}; break-inside: avoid; }}
.settings dt {{ color: {MUTED}; }}
.settings dd {{ margin: 0; text-align: right; overflow-wrap: anywhere; }}
.bar {{ display: inline-block; height: 9px; margin-right: 8px; border-radius: 3px;
  vertical-align: middle; }}
table.confusion {{ width: auto; }}
table.confusion td, table.confusion th {{ padding: 6px 9px; border: 0; min-width: 44px;
  max-width: 130px; text-align: center; }}
table.confusion td {{ border: 1px solid #fff; border-radius: 4px; }}
table.confusion th {{ color: {TEXT}; }}
table.confusion th.row {{ text-align: right; }}
svg {{ display: block; max-width: 100%; height: auto; margin: 4px 0 10px;
  font-family: system-ui, "Segoe UI", "Noto Sans", "Helvetica Neue", sans-serif; }}
svg .strong {{ font-weight: 600; }}
.picture {{ margin: 0 -24px; break-inside: avoid; }}
.pair {{ display: flex; flex-wrap: wrap; gap: 4px 40px; align-items: flex-start;
  break-inside: avoid; }}
.layer {{ break-inside: avoid; }}
footer {{ margin-top: 52px; padding-top: 14px; border-top: 1px solid {LINE}; color: {MUTED};
  font-size: 12.5px; }}
@media (max-width: 700px) {{
  main {{ margin: 0; padding: 28px 20px; border: 0; border-radius: 0; }}
  .settings {{ columns: 1; }}
  .picture {{ margin: 0; }}
}}
@page {{ size: A4; margin: 16mm 15mm; }}
@media print {{
  html {{ background: #fff; }}
  body {{ font-size: 10.5pt; }}
  main {{ max-width: none; margin: 0; padding: 0; border: 0; }}
  .picture {{ margin: 0; }}
  h2 {{ margin-top: 28px; }}
  .pair {{ flex-wrap: nowrap; gap: 4px 4%; }}
  .pair svg {{ width: 48%; }}
}}
"""
