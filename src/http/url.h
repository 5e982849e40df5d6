/* SPDX-License-Identifier: Apache-2.0 */
/*
 * url.h - URLs (RFC 3986), and the hosts in them.
 */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "base/base.h"

struct http_url {
	struct hm_str scheme, host, path, query; /* host without brackets */
	unsigned port;                           /* the scheme's own where none is given */
};
/* The one spelling of a host, in which two are the same when their bytes are: a name in lower case,
 * an IPv4 address, an IPv6 address as RFC 5952 has it (no brackets). HM_INPUT: an address that
 * programs read differently (127.1, 0x7f.1, 2130706433, 0177.0.0.1, ::ffff:127.0.0.1), or none in
 * particular (0.0.0.0, ::). What a name may be made of is the caller's to say. */
HM_MUST hm_err http_host_parse(struct hm_cx *cx, struct hm_str host, struct hm_str *out);
/* RFC 3986, without its fragment; the host in its one spelling. HM_INPUT: neither http nor https,
 * no host, a user name, a port that is not one, spaces or control characters. */
HM_MUST hm_err http_url_parse(struct hm_cx *cx, struct hm_str url, struct http_url *out);
/* A reference (RFC 3986, 4.2) against a base URL; dot segments stay. HM_INPUT. */
HM_MUST hm_err http_url_resolve(struct hm_cx *cx, struct hm_str base, struct hm_str reference,
				struct hm_str *out);
/* Same scheme, host (without case) and port. */
bool http_url_same_origin(const struct http_url *a, const struct http_url *b);
bool http_is_loopback(struct hm_str host); /* 127.0.0.0/8, ::1 or localhost */
/* Percent-decoding; '+' stays unless `form`. HM_INPUT: a bad escape, or a NUL. */
HM_MUST hm_err http_unescape(struct hm_cx *cx, struct hm_str s, bool form, struct hm_str *out);
struct hm_str http_escape(struct hm_cx *cx, struct hm_str s); /* RFC 3986 unreserved stay */

#endif
