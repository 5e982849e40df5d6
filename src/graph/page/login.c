/* SPDX-License-Identifier: Apache-2.0 */
/* What is shown to who may not read yet. It works without scripts, and says nothing of the graph.
 */
#include "graph/page/html.h"

static void put_begin(struct page *p, struct hm_str more)
{
	PUT(p, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	       "<title>Log in - Hullmark</title>"
	       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
	       "<link rel=\"icon\" href=\"/assets/favicon.svg\">"
	       "<link rel=\"stylesheet\" href=\"/assets/page.css\">");
	hm_buf_add(p->to, more);
	PUT(p, "</head><body><main class=\"main\" id=\"main\"><div class=\"head\"><h1>Log in</h1>");
}

static hm_err end_page(struct page *p, struct hm_str *out)
{
	PUT(p, "</main></body></html>\n");
	HM_TRY(hm_buf_end(p->cx, p->to, "the page", out));
	*out = hm_dup(p->cx, *out);
	return NULL;
}

hm_err graph_page_login(struct hm_cx *cx, struct hm_str why, struct hm_str issuer,
			struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct page p = { .cx = cx, .to = &b };
	put_begin(&p, HM_STR(""));
	PUT(&p, "<p class=\"lead\">Reading this graph needs a login.</p></div>");
	if (why.n)
		PUT(&p, "<p class=\"body\" role=\"alert\">$</p>", why);
	if (issuer.n)
		PUT(&p,
		    "<section class=\"card\"><p class=\"body\">"
		    "<a class=\"button main-action\" href=\"" GRAPH_PAGE_ISSUER
		    "\">Log in at $</a></p></section>",
		    issuer);
	PUT(&p, "<section class=\"card\"><form class=\"ask\" method=\"post\" action=\"/login\">"
		"<div class=\"field\"><label for=\"token\">Token</label>"
		"<input type=\"password\" id=\"token\" name=\"token\" "
		"autocomplete=\"current-password\" required></div>"
		"<button class=\"button main-action\">Log in</button></form></section>");
	return end_page(&p, out);
}

hm_err graph_page_logged_in(struct hm_cx *cx, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct page p = { .cx = cx, .to = &b };
	put_begin(&p, HM_STR("<meta http-equiv=\"refresh\" content=\"0;url=/\">"));
	PUT(&p, "<p class=\"lead\">You are logged in.</p></div>"
		"<p class=\"body\"><a href=\"/\">Go on to the graph</a></p>");
	return end_page(&p, out);
}
