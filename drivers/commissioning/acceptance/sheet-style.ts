/** A4, black on white, with table heads on every page and no row cut in two. */
export const sheetStyle = `
@page { size: A4; margin: 14mm 12mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 186mm; color: #000; background: #fff; font: 10.5pt/1.45 system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif; }
h1 { font-size: 17pt; text-align: center; margin: 0 0 4mm; }
h2 { font-size: 12pt; margin: 0 0 2mm; }
.facts { display: grid; grid-template-columns: auto 1fr; gap: 1mm 5mm; margin: 0 0 3mm; }
.facts dt { color: #444; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.result { display: flex; flex-wrap: wrap; gap: 1mm 6mm; align-items: baseline; margin: 0 0 2mm; padding: 2.5mm 3mm; border: 0.5mm solid #000; }
.result strong { font-size: 13pt; }
.result.failed { border-width: 1mm; }
.note { margin: 0 0 2mm; color: #333; font-size: 9pt; }
table { width: 100%; border-collapse: collapse; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: 0.2mm solid #666; padding: 1.2mm 1.6mm; text-align: left; vertical-align: top; }
th { background: #eee; }
td small { color: #444; }
.n { width: 8mm; text-align: right; }
.verdict { width: 23mm; white-space: nowrap; }
tr.failed td { background: #fbe3e3; }
tr.not-tested td { background: #f4f4f4; }
tr.failed .verdict, .late { font-weight: 700; }
.sign { break-inside: avoid; margin-top: 8mm; }
.sign .lines { display: grid; gap: 9mm; margin-top: 8mm; }
.sign .lines > div { display: grid; grid-template-columns: 34mm 1fr 16mm 34mm; gap: 2mm; align-items: end; }
.sign i { border-bottom: 0.3mm solid #000; height: 6mm; }
@media print { body { max-width: none; } tr.failed td, tr.not-tested td, th { print-color-adjust: exact; } }
@media screen { body { padding: 8mm; } }
`;
