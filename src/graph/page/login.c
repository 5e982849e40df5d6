/* SPDX-License-Identifier: Apache-2.0 */
/* What is shown to who may not read yet. It works without scripts, and says nothing of the graph.
 */
#include "graph/page/html.h"

hm_err graph_page_login(struct hm_cx *cx, struct hm_str why, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct page p = { .cx = cx, .to = &b };
	PUT(&p, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
		"<title>Log in - Hullmark</title>"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
		"<link rel=\"icon\" href=\"/assets/favicon.svg\">"
		"<link rel=\"stylesheet\" href=\"/assets/page.css\"></head><body>"
		"<main class=\"main\" id=\"main\"><div class=\"head\"><h1>Log in</h1>"
		"<p class=\"lead\">Reading this graph needs a login.</p></div>");
	if (why.n)
		PUT(&p, "<p class=\"body\" role=\"alert\">$</p>", why);
	PUT(&p, "<section class=\"card\"><form class=\"ask\" method=\"post\" action=\"/login\">"
		"<div class=\"field\"><label for=\"token\">Token</label>"
		"<input type=\"password\" id=\"token\" name=\"token\" "
		"autocomplete=\"current-password\" required></div>"
		"<button class=\"button main-action\">Log in</button></form></section>"
		"</main></body></html>\n");
	HM_TRY(hm_buf_end(cx, &b, "the page", out));
	*out = hm_dup(cx, *out);
	return NULL;
}
