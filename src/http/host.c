/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>

#include "http/url.h"

static bool is_number(struct hm_str s)
{
	bool hex = s.n > 1 && s.p[0] == '0' && hm_lower_char(s.p[1]) == 'x';
	for (size_t i = hex ? 2 : 0; i < s.n; i++)
		if (hex ? hm_hex_digit(s.p[i]) < 0 : !hm_is_digit(s.p[i]))
			return false;
	return s.n > 0;
}

/* Four parts from 0 to 255, none with a zero before it: the only form that all programs read as the
 * same address. */
static bool is_ipv4(struct hm_str s)
{
	uint64_t part;
	for (int i = 0; i < 4; i++) {
		struct hm_str one = hm_cut(&s, '.');
		if (!hm_u64(one, 255, &part) || (one.n > 1 && one.p[0] == '0'))
			return false;
	}
	return s.n == 0;
}

/* WHATWG URL, "ends in a number": what a resolver would take for an address; no public domain ends
 * so. */
static bool ends_in_number(struct hm_str s)
{
	if (s.n && s.p[s.n - 1] == '.')
		s.n--;
	size_t dot = hm_rfind_char(s, '.');
	return is_number(dot == SIZE_MAX ? s : hm_from(s, dot + 1));
}

static hm_err parse_ipv6(struct hm_cx *cx, struct hm_str host, struct hm_str *out)
{
	struct in6_addr a;
	char text[INET6_ADDRSTRLEN];
	for (size_t i = 0; i < host.n; i++)
		if (hm_hex_digit(host.p[i]) < 0 && !hm_is_one_of(host.p[i], ":."))
			return hm_fail(cx, HM_INPUT, "it is not a valid IPv6 address");
	if (hm_find_char(host, '.') != SIZE_MAX)
		return hm_fail(cx, HM_INPUT, "an IPv4 address is written as such");
	if (inet_pton(AF_INET6, hm_dupz(cx, host), &a) != 1)
		return hm_fail(cx, HM_INPUT, "it is not a valid IPv6 address");
	if (IN6_IS_ADDR_UNSPECIFIED(&a))
		return hm_fail(cx, HM_INPUT, "it is the unspecified address");
	if (IN6_IS_ADDR_V4MAPPED(&a) || (IN6_IS_ADDR_V4COMPAT(&a) && !IN6_IS_ADDR_LOOPBACK(&a)))
		return hm_fail(cx, HM_INPUT, "an IPv4 address is written as such");
	if (!inet_ntop(AF_INET6, &a, text, sizeof(text)))
		return hm_fail_os(cx, "an IPv6 address");
	*out = hm_dup(cx, hm_cstr(text));
	return NULL;
}

hm_err http_host_parse(struct hm_cx *cx, struct hm_str host, struct hm_str *out)
{
	if (hm_find_char(host, ':') != SIZE_MAX)
		return parse_ipv6(cx, host, out);
	if (ends_in_number(host) && !is_ipv4(host))
		return hm_fail(
			cx, HM_INPUT,
			"an IPv4 address is written as four decimal numbers without zeros before them");
	if (hm_eqz(host, "0.0.0.0"))
		return hm_fail(cx, HM_INPUT, "it is the unspecified address");
	*out = hm_lower(cx, host);
	return NULL;
}
