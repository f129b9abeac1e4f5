"""How the report looks, on screen and on paper; colours are those of all charts."""

from imgclf_core.charts.style import LIGHT

COLOURS = LIGHT
# Nothing is loaded and nothing runs, whatever a name should smuggle in.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

SHEET = f"""
:root {{ color-scheme: light; }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: #fff; color: {COLOURS.text};
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans",
  Arial, sans-serif; }}
main {{ max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }}
h1 {{ font-size: 2.1rem; line-height: 1.2; margin: 0 0 .4rem; overflow-wrap: anywhere; }}
h2 {{ font-size: 1.4rem; line-height: 1.3; margin: 3rem 0 .6rem; padding-top: 1rem;
  border-top: 1px solid {COLOURS.grid}; }}
h3 {{ font-size: 1.05rem; margin: 1.8rem 0 .4rem; }}
p {{ margin: .4rem 0 .8rem; max-width: 46rem; }}
a {{ color: {COLOURS.accent}; text-decoration: none; }}
a:hover, a:focus {{ text-decoration: underline; }}
nav {{ display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: 1.4rem 0 0; font-size: .92rem; }}
.answer {{ font-size: 1.3rem; line-height: 1.45; margin: 1.4rem 0 .6rem; }}
.quiet, figcaption, .cards small {{ color: #55646d; font-size: .9rem; }}
.warning {{ border-left: 4px solid {COLOURS.sides["validation"]}; padding: .1rem 0 .1rem .9rem; }}
.figures {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr));
  gap: 1rem; margin: 1.4rem 0; }}
.figures div {{ border-top: 3px solid {COLOURS.accent}; padding-top: .4rem; }}
.figures b {{ display: block; font-size: 1.45rem; line-height: 1.3; white-space: nowrap; }}
.figures small {{ color: #55646d; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; margin: .8rem 0; font-size: .92rem;
  font-variant-numeric: tabular-nums; }}
th, td {{ padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid {COLOURS.grid}; overflow-wrap: anywhere; }}
th[scope=row] {{ font-weight: 400; min-width: 7rem; max-width: 24rem; }}
thead th {{ font-weight: 600; border-bottom: 2px solid {COLOURS.quiet}; vertical-align: bottom;
  overflow-wrap: normal; }}
.number {{ text-align: right; padding-left: .8rem; white-space: nowrap; }}
.number + td, .number + th {{ padding-left: 1.2rem; }}
thead .number {{ white-space: normal; }}
.sum th, .sum td {{ font-weight: 600; }}
.matrix table {{ border-collapse: separate; border-spacing: 3px; }}
.matrix th, .matrix td {{ border: 0; }}
.matrix thead th {{ overflow-wrap: anywhere; font-weight: 400; text-align: center; padding: .2rem;
  max-width: 9rem; }}
.matrix th[scope=row] {{ text-align: right; padding: .2rem .5rem; vertical-align: middle;
  max-width: 14rem; }}
.matrix td {{ text-align: center; vertical-align: middle; padding: .25rem; border-radius: 4px;
  min-width: 4.4rem; height: 3.2rem; line-height: 1.2; }}
.matrix td small {{ display: block; font-size: .72rem; opacity: .9; }}
.many table {{ border-spacing: 1px; font-size: .78rem; }}
.many td {{ min-width: 2.2rem; height: 2.2rem; padding: 0; border-radius: 2px; }}
.many td small {{ font-size: .6rem; }}
.many thead bdi {{ writing-mode: vertical-rl; transform: rotate(180deg); text-align: left;
  display: inline-block; max-height: 11rem; }}
figure {{ margin: 1rem 0; }}
figure svg, figure > img {{ width: 100%; height: auto; display: block; }}
svg * {{ stroke-linejoin: round; stroke-linecap: butt; }}
.cards {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr));
  gap: 1.1rem 1rem; }}
.cards figure {{ margin: 0; overflow-wrap: anywhere; font-size: .85rem; line-height: 1.35; }}
.cards img, .cards .gone {{ width: 100%; aspect-ratio: 1; object-fit: contain; height: auto;
  background: #f1f5f8; border-radius: 6px; }}
.cards .gone {{ display: grid; place-items: center; color: #55646d; text-align: center;
  padding: .5rem; }}
.cards figcaption {{ margin-top: .3rem; }}
.cards figcaption span {{ display: flex; justify-content: space-between; gap: .5rem; }}
.cards figcaption var {{ font-style: normal; white-space: nowrap; }}
dl {{ display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .35rem 1.4rem;
  margin: .8rem 0; }}
dt {{ color: #55646d; }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
.columns {{ display: block; columns: 2 20rem; column-gap: 2.5rem; }}
.columns dt {{ color: inherit; font-weight: 600; break-after: avoid; }}
.columns dd {{ margin-bottom: .7rem; break-inside: avoid; }}
.settings {{ columns: 3 15rem; }}
pre {{ background: #f5f6f4; border-radius: 6px; padding: .9rem 1.1rem; white-space: pre-wrap;
  overflow-wrap: anywhere; font-size: .9rem; }}
pre span {{ display: inline-block; max-width: 100%; }}
code {{ font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace;
  font-size: .92em; overflow-wrap: anywhere; }}
ul {{ padding-left: 1.2rem; }}
@media print {{
  @page {{ size: A4; margin: 16mm 15mm; }}
  html {{ font-size: 9.5pt; }}
  body {{ font-size: 1rem; }}
  main {{ max-width: none; padding: 0; }}
  nav {{ display: none; }}
  a {{ color: inherit; }}
  h2 {{ margin-top: 1.6rem; }}
  h2, h3, h2 + p {{ break-after: avoid; }}
  p, figure, tr, .figures, .short, dt, dd, pre {{ break-inside: avoid; }}
  thead {{ display: table-header-group; }}
  .wide {{ overflow: visible; }}
  .figures {{ grid-template-columns: repeat(4, 1fr); }}
  .cards {{ grid-template-columns: repeat(4, 1fr); }}
  * {{ -webkit-print-color-adjust: exact; print-color-adjust: exact; }}
}}
"""
