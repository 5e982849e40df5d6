/* SPDX-License-Identifier: Apache-2.0 */
/* What all pages have: navigation, search, the switch of colours. */
#include "graph/page/parts.h"

static const struct {
	const char *path, *title, *icon; /* path NULL: a heading */
} links[] = {
	{ "/", "Overview", "overview" },
	{ "/documents", "Documents", "document" },
	{ "/timeline", "Time line", "time" },
	{ NULL, "Ask", NULL },
	{ "/contains", "Who contains", "package" },
	{ "/exposed", "Who is exposed", "exposed" },
	{ "/unproven", "What is unproven", "unproven" },
	{ "/expiring", "What expires", "identity" },
	{ "/diff", "Compare releases", "diff" },
	{ "/dependents", "Dependents", "dependents" },
	{ "/radius", "Blast radius", "radius" },
	{ "/path", "Path between", "path" },
	{ "/plan", "Rebuild plan", "plan" },
	{ "/signed-by", "Signed by", "identity" },
	{ "/licences", "Licences", "licence" },
};

static void put_navigation(struct page *p)
{
	const char *here = p->r->view ? p->r->view->path : "", *heading = NULL;
	PUT(p, "<nav class=\"nav\" aria-label=\"Pages\"><a class=\"brand\" href=\"/\">"
	       "<img src=\"/assets/favicon.svg\" alt=\"\">Hullmark</a><ul>");
	for (size_t i = 0; i < HM_LEN(links); i++) {
		if (!links[i].path)
			heading = links[i].title;
		if (!links[i].path || !graph_page_is_served(p, links[i].path))
			continue;
		if (heading)
			PUT(p, "</ul><h2>$</h2><ul>", hm_cstr(heading));
		heading = NULL;
		PUT(p, "<li><a href=\"$\"", hm_cstr(links[i].path));
		if (strcmp(links[i].path, here) == 0)
			PUT(p, " aria-current=\"page\"");
		PUT(p, ">");
		graph_page_icon(p, links[i].icon);
		PUT(p, "$</a></li>", hm_cstr(links[i].title));
	}
	PUT(p, "</ul></nav>");
}

static void put_top(struct page *p)
{
	PUT(p, "<header class=\"top\"><form method=\"get\" action=\"/search\" role=\"search\">"
	       "<div class=\"searching\">");
	graph_page_icon(p, "search");
	PUT(p,
	    "<input type=\"search\" name=\"q\" id=\"search\" value=\"$\" "
	    "placeholder=\"Search packages, digests, CVEs, images, identities\" "
	    "aria-label=\"Search the graph\" spellcheck=\"false\" autocapitalize=\"off\" "
	    "data-suggest=\"open\"></div></form><div class=\"top-end\">",
	    graph_page_given(p, "q"));
	if (p->r->has_events)
		PUT(p,
		    "<span class=\"live\" data-live-sign hidden><span data-live-words></span></span>");
	PUT(p, "<button type=\"button\" class=\"tool\" data-theme-switch aria-pressed=\"false\" "
	       "aria-label=\"Dark colours\" title=\"Dark colours\" hidden>");
	graph_page_icon(p, "theme");
	PUT(p, "</button></div></header>");
}

void graph_page_begin(struct page *p)
{
	const char *title = p->r->view ? p->r->view->title : "Not found";
	PUT(p,
	    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>$ - "
	    "Hullmark</title>",
	    hm_cstr(title));
	PUT(p, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
	       "<link rel=\"icon\" href=\"/assets/favicon.svg\">"
	       "<link rel=\"stylesheet\" href=\"/assets/page.css\">"
	       "<script src=\"/assets/theme.js\"></script>"
	       "<script type=\"module\" src=\"/assets/app.js\"></script></head><body>"
	       "<a class=\"skip\" href=\"#main\">To the content</a>");
	put_navigation(p);
	put_top(p);
	PUT(p, "<main class=\"main\" id=\"main\" tabindex=\"-1\">");
}

void graph_page_end(struct page *p)
{
	PUT(p, "</main><div class=\"unseen\" role=\"status\" aria-live=\"polite\" data-said></div>"
	       "</body></html>\n");
}
