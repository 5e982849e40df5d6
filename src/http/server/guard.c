/* SPDX-License-Identifier: Apache-2.0 */
/* Who may speak with a listener: without certificate clients on this machine that mean it, and no
 * web page that happens to be open in a browser there; with one nor may such a page change
 * anything. Socket thread. */
#include "http/server/exchange.h"
#include "http/server/server.h"

/* RFC 9110, 15.5.20: the request is for an authority that is not answered for here. */
enum { MISDIRECTED = 421 };

static bool is_field(const struct http_header *h, const char *name)
{
	return hm_cmp_nocase(h->name, hm_cstr(name)) == 0;
}

/* By which name did the client come here? Every field counts: HTTP/2 may have two. */
static hm_err check_host(struct http_exchange *x)
{
	const struct http_listener *l = x->listener;
	bool any = false;
	for (size_t i = 0; i < x->headers.n; i++) {
		const struct http_header *h = &x->headers.p[i];
		if (!is_field(h, "host"))
			continue;
		any = true;
		if (!http_host_is_ours(h->value, l->hosts.p, l->hosts.n) &&
		    !http_host_is_ours(h->value, &l->address, 1))
			return hm_fail(&x->cx, HM_DENIED,
				       "this server does not go by the name \"%.*s\": --allow-host "
				       "(allowHosts in hullmark.yaml) allows it",
				       HM_FMT(h->value));
	}
	if (!any)
		return hm_fail(&x->cx, HM_DENIED, "the request does not say which host it is for");
	return NULL;
}

/* Methods that change nothing (RFC 9110, 9.2.1). */
static bool only_reads(struct hm_str method)
{
	return hm_eqz(method, "GET") || hm_eqz(method, "HEAD") || hm_eqz(method, "OPTIONS");
}

/* Does a browser show what is answered as a page of its own, to where that is meant to be? What a
 * page asks for itself, and frames, are of another mode or destination. */
static bool comes_by_link(const struct http_exchange *x)
{
	return x->route->from_links && only_reads(x->method) &&
	       hm_eqz(http_header_get(&x->headers, "sec-fetch-mode"), "navigate") &&
	       hm_eqz(http_header_get(&x->headers, "sec-fetch-dest"), "document");
}

/*
 * Which page made the browser ask (RFC 6454, 7; Fetch Metadata)? A page of this very origin, or of
 * a name that is allowed. Clients that are no browsers say neither. All methods count: some
 * requests of a foreign page are sent before anybody asks whether they may be.
 */
static hm_err check_origin(struct http_exchange *x)
{
	const struct http_listener *l = x->listener;
	struct hm_str host = http_header_get(&x->headers, "host"), site = { "", 0 };
	bool known = false;
	for (size_t i = 0; i < x->headers.n; i++) {
		const struct http_header *h = &x->headers.p[i];
		if (is_field(h, "sec-fetch-site") && !hm_eqz(h->value, "same-origin") &&
		    !hm_eqz(h->value, "none"))
			site = h->value.n ? h->value : HM_STR("nothing");
		if (!is_field(h, "origin"))
			continue;
		known = http_origin_is_same(h->value, host, l->cert != NULL) ||
			http_origin_is_named(h->value, l->hosts.p, l->hosts.n);
		if (!known)
			return hm_fail(
				&x->cx, HM_DENIED,
				"a web page of \"%.*s\" may not use this server: --allow-host "
				"(allowHosts in hullmark.yaml) allows a host",
				HM_FMT(h->value));
	}
	if (site.n && !known && !comes_by_link(x))
		return hm_fail(&x->cx, HM_DENIED,
			       "a web page of another site may not use this server "
			       "(Sec-Fetch-Site: %.*s)",
			       HM_FMT(site));
	return NULL;
}

hm_err http_exchange_guard(struct http_exchange *x, int *out_status)
{
	*out_status = hm_code_rows[HM_DENIED].http;
	/* with TLS the certificate says whom the client speaks with, and nobody's page has it for a
	 * name of its own; but the browser shows its own certificate and cookies for every page */
	if (x->listener->cert)
		return only_reads(x->method) ? NULL : check_origin(x);
	hm_err err = check_host(x);
	if (err)
		*out_status = MISDIRECTED;
	return err ? err : check_origin(x);
}
