/** Texts that become markup, script, addresses or queries where somebody forgot that event text is data (invariant 8). */

/** Each tries to set `window.pwned` or to change the page in another way. */
export const HOSTILE: readonly string[] = [
  `<script>window.pwned=1</script>`,
  `</script><script>window.pwned=1</script>`,
  `"><img src=x onerror="window.pwned=1">`,
  `'><svg/onload='window.pwned=1'>`,
  `" onmouseover="window.pwned=1" autofocus onfocus="window.pwned=1`,
  `</td></tr></tbody></table><iframe srcdoc="<script>parent.pwned=1</script>"></iframe>`,
  `</style><style>*{display:none!important}</style>`,
  `</title></textarea></noscript><img src=x onerror=window.pwned=1>`,
  `--><script>window.pwned=1</script><!--/qv--><!--qv q:id=1-->`,
  `<a href="javascript:window.pwned=1">click</a>`,
  `javascript:window.pwned=1`,
  `data:text/html,<script>window.pwned=1</script>`,
  `<base href="https://example.org/"><meta http-equiv="refresh" content="0;url=https://example.org/">`,
  `&lt;b&gt; &amp; &#60;script&#62; &quot;`,
  `{{constructor.constructor("window.pwned=1")()}} \${window.pwned=1} #{7*7}`,
  `'; DROP TABLE pipeline_events; -- " OR ""="`,
  `../../../../etc/passwd`,
  `..`,
  `a/b?c=d&e=f#g%2F%00%zz`,
  `\u202Ereversed\u202C \u0007bell \u2028line`,
  `__proto__`,
  `\u{1F4A9}${"e\u0301".repeat(3)}\uFEFF`,
];
