/* SPDX-License-Identifier: Apache-2.0 */
/* Which handler is for a request; socket thread. */
#include "http/server/exchange.h"
#include "http/server/server.h"

static bool serves_path(struct hm_str prefix, struct hm_str path)
{
	return hm_ends(prefix, HM_STR("/")) ? hm_starts(path, prefix) : hm_eq(path, prefix);
}

const struct http_route *http_route_find(const struct http_exchange *x, bool *out_known)
{
	const struct http_route *best = NULL;
	size_t best_n = 0;
	*out_known = false;
	for (const struct http_route *r = x->listener->routes; r->prefix; r++) {
		struct hm_str prefix = hm_cstr(r->prefix);
		if (!serves_path(prefix, x->path) || (best && prefix.n < best_n))
			continue;
		*out_known = true;
		bool get = x->is_head && strcmp(r->method, "GET") == 0;
		if (!get && strcmp(r->method, "*") != 0 && !hm_eqz(x->method, r->method))
			continue;
		best = r;
		best_n = prefix.n;
	}
	return best;
}

void http_route_add_allow(struct http_exchange *x)
{
	HM_AUTO_BUF b = HM_BUF(1024);
	for (const struct http_route *r = x->listener->routes; r->prefix; r++) {
		if (!serves_path(hm_cstr(r->prefix), x->path))
			continue;
		if (b.n)
			hm_buf_addz(&b, ", ");
		hm_buf_addz(&b, r->method);
		if (strcmp(r->method, "GET") == 0)
			hm_buf_addz(&b, ", HEAD");
	}
	http_exchange_add_header(x, "Allow", hm_buf_str(&b));
}
