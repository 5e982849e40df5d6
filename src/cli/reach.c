/* SPDX-License-Identifier: Apache-2.0 */
/* How servers are reached, from the flags: certificates, addresses, headers. */
#include "cli/cli.h"

#include <arpa/inet.h>

/* A name or an address; IPv6 in brackets. */
static bool cut_host(struct hm_str *rest, struct hm_str *out)
{
	if (!hm_starts(*rest, HM_STR("["))) {
		*out = hm_cut(rest, ':');
		return out->n > 0;
	}
	size_t end = hm_find_char(*rest, ']');
	if (end == SIZE_MAX || (end + 1 < rest->n && rest->p[end + 1] != ':'))
		return false;
	*out = hm_sub(*rest, 1, end - 1);
	*rest = hm_from(*rest, end + 1 < rest->n ? end + 2 : end + 1);
	return true;
}

static bool is_address(struct hm_cx *cx, struct hm_str s)
{
	struct in6_addr room;
	const char *text = hm_dupz(cx, s);
	return inet_pton(AF_INET, text, &room) == 1 || inet_pton(AF_INET6, text, &room) == 1;
}

static struct hm_str in_brackets(struct hm_cx *cx, struct hm_str host)
{
	return hm_find_char(host, ':') == SIZE_MAX ? host : hm_fmt(cx, "[%.*s]", HM_FMT(host));
}

/* HOST:PORT:ADDRESS[:ADDRESS_PORT], as curl and ORAS have it. */
static hm_err parse_resolve(struct hm_cx *cx, struct hm_str text, struct hm_str *out)
{
	enum { PORTS = 65535 };
	struct hm_str rest = text, host, address = HM_STR("");
	uint64_t port = 0, there = 0;
	bool good = cut_host(&rest, &host) && hm_u64(hm_cut(&rest, ':'), PORTS, &port) && port &&
		    cut_host(&rest, &address) && is_address(cx, address) &&
		    !http_host_parse(cx, host, &host);
	there = port;
	if (!good || (rest.n && (!hm_u64(rest, PORTS, &there) || !there)))
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE, "--resolve \"%.*s\" is not a valid rule",
				       HM_FMT(text)),
			       "give HOST:PORT:ADDRESS[:ADDRESS_PORT], as in "
			       "registry.example.com:443:127.0.0.1:8443");
	*out = hm_fmt(cx, "%.*s:%u:%.*s:%u", HM_FMT(in_brackets(cx, host)), (unsigned)port,
		      HM_FMT(in_brackets(cx, address)), (unsigned)there);
	return NULL;
}

hm_err cli_http_config(struct hm_cx *cx, const struct cli *cli, struct http_config *out)
{
	struct http_config c = { .offline = cli->offline,
				 .insecure = cli->insecure,
				 .ca_file = cli->ca_file,
				 .cert_file = cli->cert_file,
				 .key_file = cli->key_file,
				 .user_agent = "hullmark/" HULLMARK_VERSION };
	if (!cli->cert_file != !cli->key_file)
		return hm_fail(cx, HM_USAGE, "--cert-file and --key-file must be given together");
	for (size_t i = 0; i < cli->resolve.n; i++)
		HM_TRY(parse_resolve(cx, cli->resolve.p[i], hm_push(cx, &c.connect_to)));
	*out = c;
	return NULL;
}

/* RFC 9110, 5.6.2. */
static bool is_token(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) &&
		    !hm_is_one_of(s.p[i], "!#$%&'*+-.^_`|~"))
			return false;
	return s.n > 0;
}

/* What a request says about itself, or about the connection, nobody else can know. */
static bool is_reserved(struct hm_str name)
{
	static const char *const names[] = {
		"accept", "connection", "content-length",    "content-range", "content-type",
		"expect", "host",       "if-range",          "keep-alive",    "range",
		"te",     "trailer",    "transfer-encoding", "upgrade"
	};
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (hm_cmp_nocase(name, hm_cstr(names[i])) == 0)
			return true;
	return false;
}

hm_err cli_headers(struct hm_cx *cx, struct cli *cli)
{
	if (cli->headers.n > HM_MAX_GIVEN_HEADERS)
		return hm_fail(cx, HM_LIMIT, "more than %u headers",
			       (unsigned)HM_MAX_GIVEN_HEADERS);
	struct http_header *headers = hm_new(cx, struct http_header, cli->headers.n);
	cli->header_values = hm_new(cx, struct hm_secret, cli->headers.n);
	for (size_t i = 0; i < cli->headers.n; i++) {
		struct hm_str text = cli->headers.p[i], value = text, name = hm_cut(&value, ':');
		value = hm_trim(value);
		/* the value may be a secret, and is in no message */
		if (name.n == text.n || !is_token(name) || hm_has_control(value))
			return hm_fail(cx, HM_USAGE, "--header %zu is not of the form NAME: VALUE",
				       i + 1);
		if (is_reserved(name))
			return hm_fail(cx, HM_USAGE, "--header: \"%.*s\" is made for each request",
				       HM_FMT(name));
		cli->header_values[i] = hm_secret_of(value);
		headers[i] = (struct http_header){ hm_dup(cx, name),
						   hm_secret_str(&cli->header_values[i]) };
		hm_wipe((char *)(uintptr_t)value.p, value.n);
	}
	cli->access.headers = headers;
	cli->access.headers_n = cli->headers.n;
	return NULL;
}
