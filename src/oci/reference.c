/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/reference.h"

#include "http/http.h"
#include "oci/ops.h"

static const struct {
	const char *scheme;
	enum oci_kind kind;
	bool is_place; /* holds manifests, and may end in :TAG or @DIGEST */
} schemes[] = {
	{ "oci:", OCI_LAYOUT, true },
	{ "oci-archive:", OCI_ARCHIVE, true },
	{ "docker-archive:", OCI_DOCKER_ARCHIVE, true },
	{ "dir:", OCI_DIR, false },
	{ "file:", OCI_FILE, false },
	{ "sbom:", OCI_SBOM, false },
};

bool oci_target_is_place(const struct oci_target *t)
{
	for (size_t i = 0; i < HM_LEN(schemes); i++)
		if (schemes[i].kind == t->kind)
			return schemes[i].is_place;
	return true; /* a registry */
}

static bool has_upper(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			return true;
	return false;
}

/* A first component is a host where it looks like one; otherwise the name is Docker Hub's. */
static bool looks_like_host(struct hm_str s)
{
	return hm_find_char(s, '.') != SIZE_MAX || hm_find_char(s, ':') != SIZE_MAX ||
	       hm_eqz(s, "localhost") || has_upper(s);
}

/* Docker takes it for an image's identifier, and never for a name. */
static bool is_identifier(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (hm_hex_digit(s.p[i]) < 0 || hm_lower_char(s.p[i]) != s.p[i])
			return false;
	return s.n == 64;
}

static hm_err fail_of_target(struct hm_cx *cx, struct hm_str text, const char *why)
{
	return hm_hint(cx,
		       hm_fail(cx, HM_USAGE, "\"%.*s\" is not a valid target: %s", HM_FMT(text),
			       why),
		       "give REGISTRY/REPO[:TAG][@DIGEST], oci:DIR[:TAG][@DIGEST], "
		       "oci-archive:FILE, docker-archive:FILE, dir:PATH, file:PATH or sbom:FILE");
}

/* Take "@DIGEST" off the end. */
static hm_err cut_digest(struct hm_cx *cx, struct hm_str text, struct hm_str *rest,
			 struct hm_str *out)
{
	size_t at = hm_rfind_char(*rest, '@');
	if (at == SIZE_MAX)
		return NULL;
	struct hm_str digest = hm_from(*rest, at + 1), hex;
	enum crypto_digest alg;
	hm_err err = oci_digest_parse(cx, digest, &alg, &hex);
	if (err)
		return fail_of_target(cx, text, err->why);
	*out = digest;
	*rest = hm_sub(*rest, 0, at);
	return NULL;
}

static hm_err parse_remote(struct hm_cx *cx, struct hm_str text, struct oci_target *t)
{
	struct hm_str rest = text;
	if (is_identifier(text))
		return fail_of_target(cx, text, "it is an image's identifier");
	HM_TRY(cut_digest(cx, text, &rest, &t->digest));
	size_t colon = hm_rfind_char(rest, ':'), slash = hm_rfind_char(rest, '/');
	if (colon != SIZE_MAX && (slash == SIZE_MAX || colon > slash)) {
		t->tag = hm_from(rest, colon + 1);
		rest = hm_sub(rest, 0, colon);
		if (!oci_tag_is_valid(t->tag))
			return fail_of_target(cx, text,
					      "the tag is not [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
	}
	size_t first = hm_find_char(rest, '/');
	t->registry = HM_STR("docker.io");
	t->repository = rest;
	if (first != SIZE_MAX && looks_like_host(hm_sub(rest, 0, first))) {
		t->registry = hm_sub(rest, 0, first);
		t->repository = hm_from(rest, first + 1);
	}
	hm_err err = oci_registry_parse(cx, t->registry, &t->registry, &t->address);
	if (err)
		return fail_of_target(
			cx, text, hm_fmt(cx, "the registry is not HOST[:PORT]: %s", err->why).p);
	t->repository = oci_repository_in(cx, t->registry, t->repository);
	if (!oci_repository_is_valid(t->repository))
		return fail_of_target(
			cx, text,
			"a repository has lower-case letters, digits and single separators, and at most 255 bytes");
	return NULL;
}

static hm_err parse_local(struct hm_cx *cx, struct hm_str text, struct hm_str rest,
			  struct oci_target *t)
{
	HM_TRY(cut_digest(cx, text, &rest, &t->digest));
	size_t slash = hm_find_char(rest, ':');
	if (slash != SIZE_MAX) {
		t->tag = hm_from(rest, slash + 1);
		rest = hm_sub(rest, 0, slash);
		if (!oci_ref_name_is_valid(t->tag))
			return fail_of_target(cx, text, "what follows the path is not a valid tag");
	}
	t->path = hm_dup(cx, rest);
	return NULL;
}

hm_err oci_target_parse(struct hm_cx *cx, struct hm_str text, struct oci_target *out)
{
	if (text.n == 0)
		return fail_of_target(cx, text, "it is empty");
	if (hm_has_control(text))
		return fail_of_target(cx, text, "it has control characters");
	struct oci_target t = { .kind = OCI_REGISTRY, .text = hm_dup(cx, text) };
	text = t.text;
	for (size_t i = 0; i < HM_LEN(schemes); i++) {
		struct hm_str scheme = hm_cstr(schemes[i].scheme);
		if (!hm_starts(text, scheme))
			continue;
		struct hm_str rest = hm_from(text, scheme.n);
		t.kind = schemes[i].kind;
		if (schemes[i].is_place)
			HM_TRY(parse_local(cx, text, rest, &t));
		else
			t.path = hm_dup(cx, rest);
		if (t.path.n == 0 || t.path.n > HM_MAX_PATH)
			return fail_of_target(cx, text, "the path is empty or too long");
		*out = t;
		return NULL;
	}
	if (text.n > HM_MAX_REFERENCE)
		return fail_of_target(cx, text, "it is too long");
	if (hm_find(text, HM_STR("://")) != SIZE_MAX)
		return fail_of_target(cx, text, "it is a URL");
	HM_TRY(parse_remote(cx, text, &t));
	*out = t;
	return NULL;
}

struct hm_str oci_target_with_digest(struct hm_cx *cx, const struct oci_target *t,
				     struct hm_str digest)
{
	if (t->kind == OCI_REGISTRY)
		return hm_fmt(cx, "%.*s%s/%.*s@%.*s", HM_FMT(t->registry),
			      looks_like_host(t->registry) ? "" : ":443", HM_FMT(t->repository),
			      HM_FMT(digest));
	for (size_t i = 0; i < HM_LEN(schemes); i++)
		if (schemes[i].kind == t->kind)
			return hm_fmt(cx, "%s%.*s@%.*s", schemes[i].scheme, HM_FMT(t->path),
				      HM_FMT(digest));
	return hm_dup(cx, digest);
}

struct hm_str oci_target_purl(struct hm_cx *cx, const struct oci_target *t, struct hm_str digest)
{
	bool is_registry = t->kind == OCI_REGISTRY;
	struct hm_str path = is_registry ? t->repository : t->path, name, hex = digest;
	struct hm_str alg = hm_cut(&hex, ':');
	while (hm_ends(path, HM_STR("/")))
		path.n--;
	name = http_escape(cx, hm_lower(cx, hm_basename(path)));
	name = hm_fmt(cx, "pkg:oci/%.*s@%.*s%%3A%.*s", HM_FMT(name), HM_FMT(alg), HM_FMT(hex));
	return is_registry ? hm_fmt(cx, "%.*s?repository_url=%.*s/%.*s", HM_FMT(name),
				    HM_FMT(t->registry), HM_FMT(t->repository))
			   : name;
}

/* distribution-spec, "Referrers Tag Schema": the algorithm cut to 32 characters, the encoded part
 * to 64, and what a tag cannot hold replaced. */
struct hm_str oci_referrers_tag(struct hm_cx *cx, struct hm_str digest)
{
	struct hm_str hex = digest, alg = hm_cut(&hex, ':');
	return hm_fmt(cx, "%.*s-%.*s", HM_FMT(hm_sub(alg, 0, 32)), HM_FMT(hm_sub(hex, 0, 64)));
}

bool oci_is_digest_tag(struct hm_str tag)
{
	struct hm_str name = hm_cut(&tag, '-'), hex = hm_cut(&tag, '.');
	size_t wanted = hm_eqz(name, "sha256") ? 64 : hm_eqz(name, "sha512") ? 128 : 0;
	if (!wanted || hex.n != wanted)
		return false;
	for (size_t i = 0; i < hex.n; i++)
		if (hm_hex_digit(hex.p[i]) < 0 || hm_lower_char(hex.p[i]) != hex.p[i])
			return false;
	return true;
}
