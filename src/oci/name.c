/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One name for one registry and one repository. Trust policies, credentials, caches and
 * configuration compare names, so that whoever could write one in two ways could leave what is said
 * about it.
 */
#include "oci/ops.h"

enum { HOST_LONGEST = 253, LABEL_LONGEST = 63, HTTPS_PORT = 443 };

static bool is_label(struct hm_str s)
{
	if (s.n == 0 || s.n > LABEL_LONGEST || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) && s.p[i] != '-')
			return false;
	return true;
}

static bool is_domain(struct hm_str s)
{
	if (s.n == 0 || s.n > HOST_LONGEST || s.p[s.n - 1] == '.')
		return false;
	while (s.n)
		if (!is_label(hm_cut(&s, '.')))
			return false;
	return true;
}

/* Brackets off; where there is no port, *out_port is 0. */
static hm_err split_port(struct hm_cx *cx, struct hm_str text, struct hm_str *out_host,
			 bool *out_ipv6, unsigned *out_port)
{
	bool ipv6 = hm_starts(text, HM_STR("["));
	size_t end = hm_find_char(text, ipv6 ? ']' : ':');
	uint64_t port = 0;
	if (ipv6 && end == SIZE_MAX)
		return hm_fail(cx, HM_INPUT, "a bracket is missing");
	struct hm_str rest = hm_from(text, ipv6 ? end + 1 : end);
	if (rest.n && (rest.p[0] != ':' || !hm_u64(hm_from(rest, 1), 65535, &port) || port == 0))
		return hm_fail(cx, HM_INPUT, "the port is not a number from 1 to 65535");
	*out_host = ipv6 ? hm_sub(text, 1, end - 1) : hm_sub(text, 0, end);
	*out_ipv6 = ipv6;
	*out_port = (unsigned)port;
	return NULL;
}

static bool is_docker_hub(struct hm_str host)
{
	return hm_eqz(host, "docker.io") || hm_eqz(host, "index.docker.io") ||
	       hm_eqz(host, "registry-1.docker.io");
}

hm_err oci_registry_parse(struct hm_cx *cx, struct hm_str text, struct hm_str *out_name,
			  struct hm_str *out_address)
{
	struct hm_str host;
	bool ipv6;
	unsigned port;
	HM_TRY(split_port(cx, text, &host, &ipv6, &port));
	if (ipv6 != (hm_find_char(host, ':') != SIZE_MAX) || (!ipv6 && !is_domain(host)))
		return hm_fail(cx, HM_INPUT, "the host is neither a name nor an address");
	HM_TRY(http_host_parse(cx, host, &host));
	if (is_docker_hub(host) && (!port || port == HTTPS_PORT)) {
		*out_name = HM_STR("docker.io");
		*out_address = HM_STR("registry-1.docker.io");
		return NULL;
	}
	if (ipv6)
		host = hm_fmt(cx, "[%.*s]", HM_FMT(host));
	*out_address = port ? hm_fmt(cx, "%.*s:%u", HM_FMT(host), port) : host;
	*out_name = port == HTTPS_PORT ? host : *out_address;
	return NULL;
}

struct hm_str oci_repository_in(struct hm_cx *cx, struct hm_str registry, struct hm_str path)
{
	bool official = hm_eqz(registry, "docker.io") && hm_find_char(path, '/') == SIZE_MAX;
	return official ? hm_fmt(cx, "library/%.*s", HM_FMT(path)) : path;
}

hm_err oci_repository_parse(struct hm_cx *cx, struct hm_str text, struct hm_str *out)
{
	size_t slash = hm_find_char(text, '/');
	struct hm_str path = hm_from(text, slash), registry, address;
	if (text.n > HM_MAX_REFERENCE)
		return hm_fail(cx, HM_LIMIT, "the name of a repository is too long");
	if (slash == SIZE_MAX)
		return hm_fail(cx, HM_INPUT, "the registry is missing");
	HM_TRY_IN(cx, oci_registry_parse(cx, hm_sub(text, 0, slash), &registry, &address),
		  "the registry is not HOST[:PORT]");
	path = oci_repository_in(cx, registry, hm_from(path, 1));
	if (!oci_repository_is_valid(path))
		return hm_fail(
			cx, HM_INPUT,
			"a repository has lower-case letters, digits and single separators, and at most 255 bytes");
	*out = hm_fmt(cx, "%.*s/%.*s", HM_FMT(registry), HM_FMT(path));
	return NULL;
}
