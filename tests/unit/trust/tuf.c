/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/clock.h"
#include "codec/json.h"
#include "crypto/crypto.h"
#include "trust/config.h"
#include "trust/trust.h"
#include "trust/tuf/metadata.h"
#include "trust/tuf/store.h"

enum { NOW = 1800000000, KEYS = 6, STRANGER = 4, NEW_ROOT = 5 };
#define LATER  "2027-06-01T00:00:00Z"
#define PAST   "2026-06-01T00:00:00Z"
#define TARGET "{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+json;version=0.1\"}"

/* --- a repository in memory --- */

struct file {
	struct hm_str name, text;
};
struct repository {
	struct crypto_key keys[KEYS];
	struct hm_str public[KEYS]; /* hex */
	struct file files[16];
	size_t files_n;
};

static void make_keys(struct hm_cx *cx, struct repository *r)
{
	for (size_t i = 0; i < KEYS; i++) {
		struct hm_str der;
		assert_ok(crypto_key_generate(cx, CRYPTO_ED25519, &r->keys[i]));
		assert_ok(crypto_public_key_der(cx, &r->keys[i], &der));
		r->public[i] = hm_hex(cx, hm_from(der, der.n - 32));
	}
}

static void done_keys(struct repository *r)
{
	for (size_t i = 0; i < KEYS; i++)
		crypto_key_done(&r->keys[i]);
}

/* Metadata signed by these keys, a bit each. */
static struct hm_str sign(struct hm_cx *cx, const struct repository *r, unsigned by,
			  struct hm_str text)
{
	HM_AUTO_BUF out = HM_BUF(HM_MIB);
	struct json v;
	struct hm_str canonical, sig;
	bool first = true;
	assert_ok(json_parse(cx, text, JSON_STRICT, &v));
	assert_ok(json_canonical(cx, v, &canonical));
	hm_buf_fmt(&out, "{\"signed\":%.*s,\"signatures\":[", HM_FMT(text));
	for (size_t i = 0; i < KEYS; i++) {
		if (!(by & 1u << i))
			continue;
		assert_ok(crypto_sign(cx, &r->keys[i], canonical, &sig));
		hm_buf_fmt(&out, "%s{\"keyid\":\"k%zu\",\"sig\":\"%.*s\"}", first ? "" : ",", i,
			   HM_FMT(hm_hex(cx, sig)));
		first = false;
	}
	hm_buf_addz(&out, "]}");
	return hm_dup(cx, hm_buf_str(&out));
}

static void put(struct repository *r, struct hm_str name, struct hm_str text)
{
	assert_true(r->files_n < HM_LEN(r->files));
	r->files[r->files_n++] = (struct file){ name, text };
}

static hm_err get(struct hm_cx *cx, void *arg, struct hm_str path, size_t max, bool *out_found,
		  struct hm_str *out)
{
	const struct repository *r = arg;
	*out_found = false;
	for (size_t i = 0; i < r->files_n; i++) {
		if (!hm_eq(r->files[i].name, path))
			continue;
		if (r->files[i].text.n > max)
			return hm_fail(cx, HM_LIMIT, "it is too large");
		*out_found = true;
		*out = r->files[i].text;
	}
	return NULL;
}

/* A root whose roles have the keys 0 to 3, but for its own, key `own`. */
static struct hm_str root_text(struct hm_cx *cx, const struct repository *r, int version,
			       size_t own, const char *expires)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	hm_buf_fmt(&b,
		   "{\"_type\":\"root\",\"spec_version\":\"1.0.34\",\"version\":%d,"
		   "\"expires\":\"%s\",\"consistent_snapshot\":true,\"keys\":{",
		   version, expires);
	for (size_t i = 0; i < KEYS; i++)
		hm_buf_fmt(&b,
			   "%s\"k%zu\":{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\","
			   "\"keyval\":{\"public\":\"%.*s\"}}",
			   i ? "," : "", i, HM_FMT(r->public[i]));
	hm_buf_addz(&b, "},\"roles\":{");
	for (size_t i = 0; i < TUF_ROLES; i++)
		hm_buf_fmt(&b, "%s\"%s\":{\"keyids\":[\"k%zu\"],\"threshold\":1}", i ? "," : "",
			   trust_tuf_role_names[i], i == TUF_ROOT ? own : i);
	hm_buf_addz(&b, "}}");
	return hm_dup(cx, hm_buf_str(&b));
}

/* --- an update, from what was believed to what is there now --- */

struct doc {
	int version;         /* 0: as before */
	int named;           /* by the role above it; 0: its version */
	const char *expires; /* NULL: later */
	unsigned by;         /* keys that sign it; 0: the role's */
};

static const struct update_case {
	const char *label;
	struct doc docs[TUF_ROLES];
	enum hm_code code; /* 0: it is believed */
	const char *words;
} updates[] = {
	{ "nothing new", { { 0 } }, 0, NULL },
	{ "all new",
	  { { .version = 2 }, { .version = 8 }, { .version = 8 }, { .version = 8 } },
	  0,
	  NULL },
	{ "a new key of the root", { { .version = 2, .by = 1 | 1u << NEW_ROOT } }, 0, NULL },
	{ "that the old key did not sign",
	  { { .version = 2, .by = 1u << NEW_ROOT } },
	  HM_TRUST,
	  "0 of the 1 signatures that root version 1 asks for" },
	{ "a root of another version", { { .version = 3 } }, HM_TRUST, "it is version 3" },
	{ "a root that has expired",
	  { { .version = 2, .expires = PAST } },
	  HM_TRUST,
	  "root version 2 expired on 2026-06-01" },
	{ "an older timestamp",
	  { [TUF_TIMESTAMP] = { .version = 6 } },
	  HM_TRUST,
	  "it is version 6, and 7 was believed before" },
	{ "a timestamp that has expired",
	  { [TUF_TIMESTAMP] = { .version = 8, .expires = PAST } },
	  HM_TRUST,
	  "timestamp version 8 expired" },
	{ "a stranger's timestamp",
	  { [TUF_TIMESTAMP] = { .version = 8, .by = 1u << STRANGER } },
	  HM_TRUST,
	  "timestamp.json: it has 0 of the 1" },
	{ "an older snapshot",
	  { [TUF_TIMESTAMP] = { .version = 8 }, [TUF_SNAPSHOT] = { .version = 6 } },
	  HM_TRUST,
	  "it names snapshot version 6, and 7 was believed before" },
	{ "another snapshot than is named",
	  { [TUF_TIMESTAMP] = { .version = 8 }, [TUF_SNAPSHOT] = { .version = 9, .named = 8 } },
	  HM_TRUST,
	  "snapshot.json: it is version 9 instead of 8" },
	{ "a stranger's snapshot",
	  { [TUF_TIMESTAMP] = { .version = 8 },
	    [TUF_SNAPSHOT] = { .version = 8, .by = 1u << STRANGER } },
	  HM_TRUST,
	  "snapshot.json: it has 0 of the 1" },
	{ "a snapshot that has expired",
	  { [TUF_TIMESTAMP] = { .version = 8 },
	    [TUF_SNAPSHOT] = { .version = 8, .expires = PAST } },
	  HM_TRUST,
	  "snapshot version 8 expired" },
	{ "older targets",
	  { [TUF_TIMESTAMP] = { .version = 8 },
	    [TUF_SNAPSHOT] = { .version = 8 },
	    [TUF_TARGETS] = { .version = 6 } },
	  HM_TRUST,
	  "it names \"targets.json\" version 6, and 7 was believed before" },
	{ "other targets than are named",
	  { [TUF_TIMESTAMP] = { .version = 8 },
	    [TUF_SNAPSHOT] = { .version = 8 },
	    [TUF_TARGETS] = { .version = 9, .named = 8 } },
	  HM_TRUST,
	  "targets.json: it is version 9 instead of 8" },
	{ "a stranger's targets",
	  { [TUF_TIMESTAMP] = { .version = 8 },
	    [TUF_SNAPSHOT] = { .version = 8 },
	    [TUF_TARGETS] = { .version = 8, .by = 1u << STRANGER } },
	  HM_TRUST,
	  "targets.json: it has 0 of the 1" },
	{ "targets that have expired",
	  { [TUF_TIMESTAMP] = { .version = 8 },
	    [TUF_SNAPSHOT] = { .version = 8 },
	    [TUF_TARGETS] = { .version = 8, .expires = PAST } },
	  HM_TRUST,
	  "targets version 8 expired" },
	{ "a mirror whose timestamp is another role's",
	  { [TUF_TIMESTAMP] = { .version = 8, .by = 1u << TUF_SNAPSHOT } },
	  HM_TRUST,
	  "timestamp.json: it has 0 of the 1" },
};

static int version_of(const struct doc *d, int before)
{
	return d->version ? d->version : before;
}

static void put_metadata(struct hm_cx *cx, struct repository *r, enum tuf_role role,
			 const struct doc *docs, struct hm_str body)
{
	const struct doc *d = &docs[role];
	int version = version_of(d, 7), named = d->named ? d->named : version;
	struct hm_str text = hm_fmt(cx,
				    "{\"_type\":\"%s\",\"spec_version\":\"1.0\",\"version\":%d,"
				    "\"expires\":\"%s\",%.*s}",
				    trust_tuf_role_names[role], version,
				    d->expires ? d->expires : LATER, HM_FMT(body));
	struct hm_str name = role == TUF_TIMESTAMP
				     ? HM_STR("timestamp.json")
				     : hm_fmt(cx, "%d.%s.json", named, trust_tuf_role_names[role]);
	put(r, name, sign(cx, r, d->by ? d->by : 1u << role, text));
}

static struct hm_str name_version(struct hm_cx *cx, const struct doc *docs, enum tuf_role role)
{
	int version = docs[role].named ? docs[role].named : version_of(&docs[role], 7);
	return hm_fmt(cx, "\"meta\":{\"%s.json\":{\"version\":%d}}", trust_tuf_role_names[role],
		      version);
}

static void put_all(struct hm_cx *cx, struct repository *r, const struct doc *docs)
{
	struct hm_str hash = hm_hex(cx, crypto_digest_raw(cx, CRYPTO_SHA256, HM_STR(TARGET)));
	r->files_n = 0;
	if (docs[TUF_ROOT].version) {
		const struct doc *d = &docs[TUF_ROOT];
		size_t own = d->by & 1u << NEW_ROOT ? NEW_ROOT : TUF_ROOT;
		put(r, HM_STR("2.root.json"),
		    sign(cx, r, d->by ? d->by : 1,
			 root_text(cx, r, d->version, own, d->expires ? d->expires : LATER)));
	}
	put_metadata(cx, r, TUF_TIMESTAMP, docs, name_version(cx, docs, TUF_SNAPSHOT));
	put_metadata(cx, r, TUF_SNAPSHOT, docs, name_version(cx, docs, TUF_TARGETS));
	put_metadata(cx, r, TUF_TARGETS, docs,
		     hm_fmt(cx,
			    "\"targets\":{\"trusted_root.json\":{\"length\":%zu,"
			    "\"hashes\":{\"sha256\":\"%.*s\"}}}",
			    sizeof(TARGET) - 1, HM_FMT(hash)));
	put(r, hm_fmt(cx, "targets/%.*s.trusted_root.json", HM_FMT(hash)), HM_STR(TARGET));
}

static void update(void **state)
{
	static const struct doc before[TUF_ROLES] = { { 0 } };
	const struct update_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct repository r = { 0 };
	struct hm_str got;
	make_keys(&cx, &r);
	struct tuf_client c = { .fetch = { get, &r }, .now = NOW };
	struct hm_str root = sign(&cx, &r, 1, root_text(&cx, &r, 1, TUF_ROOT, LATER));
	c.texts[TUF_ROOT] = root;
	put_all(&cx, &r, before);
	assert_ok(trust_tuf_refresh(&cx, &c));
	struct hm_str stamp = c.texts[TUF_TIMESTAMP];
	put_all(&cx, &r, t->docs);
	hm_err err = trust_tuf_refresh(&cx, &c);
	if (t->code) {
		assert_fault(err, t->code, t->words);
		assert_str(c.texts[TUF_TIMESTAMP], stamp);
	} else {
		assert_ok(err);
		assert_ok(trust_tuf_target(&cx, &c, HM_STR("trusted_root.json"), HM_MIB, HM_STR(""),
					   &got));
		assert_strz(got, TARGET);
		assert_fault(trust_tuf_target(&cx, &c, HM_STR("other"), HM_MIB, HM_STR(""), &got),
			     HM_ABSENT, "no target \"other\"");
	}
	done_keys(&r);
}

/* --- a mirror that does not have it, or has too much --- */

static void bad_mirror(void **state)
{
	static const struct doc docs[TUF_ROLES] = { { 0 } };
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct repository r = { 0 };
	struct hm_str got;
	(void)state;
	make_keys(&cx, &r);
	struct tuf_client c = { .fetch = { get, &r }, .now = NOW };
	c.texts[TUF_ROOT] = sign(&cx, &r, 1, root_text(&cx, &r, 1, TUF_ROOT, LATER));
	assert_fault(trust_tuf_refresh(&cx, &c), HM_ABSENT, "timestamp.json: the mirror does not");
	put(&r, HM_STR("timestamp.json"), hm_fmt(&cx, "%*s", (int)HM_MAX_TUF_TIMESTAMP + 1, ""));
	assert_fault(trust_tuf_refresh(&cx, &c), HM_LIMIT, "timestamp.json: it is too large");
	put_all(&cx, &r, docs);
	assert_ok(trust_tuf_refresh(&cx, &c));
	r.files[r.files_n - 1].text = HM_STR(TARGET " ");
	assert_fault(trust_tuf_target(&cx, &c, HM_STR("trusted_root.json"), HM_MIB, HM_STR(""),
				      &got),
		     HM_TRUST, "larger than is signed");
	r.files[r.files_n - 1].text = HM_STR("{\"mediaType\"");
	assert_fault(trust_tuf_target(&cx, &c, HM_STR("trusted_root.json"), HM_MIB, HM_STR(""),
				      &got),
		     HM_TRUST, "bytes instead of");
	assert_fault(trust_tuf_target(&cx, &c, HM_STR("trusted_root.json"), 5, HM_STR(""), &got),
		     HM_LIMIT, "too large");
	/* what is kept is not asked for again */
	assert_ok(trust_tuf_target(&cx, &c, HM_STR("trusted_root.json"), HM_MIB, HM_STR(TARGET),
				   &got));
	done_keys(&r);
}

/* --- what a root may say --- */

#define ROLE(name) "\"" name "\":{\"keyids\":[\"a\",\"b\"],\"threshold\":1}"
#define ROOT                                                                                                   \
	"{\"signatures\":[{\"keyid\":\"a\",\"sig\":\"00\"}],\"signed\":{\"_type\":\"root\","                   \
	"\"consistent_snapshot\":false,\"expires\":\"" LATER                                                   \
	"\",\"keys\":{\"a\":{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":{\"public\":\"00\"}}}," \
	"\"roles\":{" ROLE("root") "," ROLE("snapshot") "," ROLE("targets") "," ROLE(                          \
		"timestamp") "},"                                                                              \
			     "\"spec_version\":\"1.0.34\",\"version\":1,\"x-more\":{}}}"

static const struct root_case {
	const char *label, *from, *to; /* replaced in ROOT, once */
	enum hm_code code;
	const char *words; /* NULL: it is one still */
} roots[] = {
	{ "as it is", "", "", 0, NULL },
	{ "another version of the specification", "1.0.34", "1.99", 0, NULL },
	{ "of the next major version", "1.0.34", "2.0", HM_INPUT, "\"2.0\" is not supported" },
	{ "of a part only", "1.0.34", "1", HM_INPUT, "is not supported" },
	{ "of words", "1.0.34", "1.x", HM_INPUT, "is not supported" },
	{ "an offset in the time", LATER, "2027-06-01T00:00:00.25-06:00", 0, NULL },
	{ "no time", LATER, "later", HM_INPUT, "\"expires\"" },
	{ "another role", "\"_type\":\"root\"", "\"_type\":\"mirror\"", HM_INPUT,
	  "it is of role \"mirror\"" },
	{ "version 0", "\"version\":1", "\"version\":0", HM_INPUT, "\"version\" is too small" },
	{ "a version that is no number", "\"version\":1", "\"version\":\"1\"", HM_INPUT,
	  "\"version\" is not" },
	{ "no version", "\"version\":1,", "", HM_INPUT, "\"version\" is missing" },
	{ "a threshold of 0", "\"threshold\":1", "\"threshold\":0", HM_INPUT,
	  "role \"timestamp\"|\"threshold\" is too small" },
	{ "a role's key twice", "\"a\",\"b\"", "\"a\",\"a\"", HM_INPUT, "a key twice" },
	{ "a role that is missing", ROLE("snapshot") ",", "", HM_INPUT, "\"snapshot\" is missing" },
	{ "a role more", ROLE("snapshot"), ROLE("snapshot") "," ROLE("mirrors"), 0, NULL },
	{ "a key of a kind that is not known", "\"keytype\":\"ed25519\"", "\"keytype\":\"later\"",
	  0, NULL },
	{ "a key without a kind", "\"keytype\":\"ed25519\",", "", HM_INPUT,
	  "key \"a\": \"keytype\" is missing" },
	{ "a key without itself", "\"public\":\"00\"", "", HM_INPUT, "\"public\" is missing" },
	{ "two signatures of a key", "\"sig\":\"00\"}",
	  "\"sig\":\"00\"},{\"keyid\":\"a\",\"sig\":\"\"}", HM_INPUT,
	  "two signatures of key \"a\"" },
	{ "a signature without a key", "\"keyid\":\"a\",", "", HM_INPUT, "\"keyid\" is missing" },
	{ "no signatures", "[{\"keyid\":\"a\",\"sig\":\"00\"}]", "{}", HM_INPUT, "is not a list" },
	{ "a member twice", "\"version\":1", "\"version\":1,\"version\":2", HM_INPUT, "version" },
	{ "a fraction", "\"x-more\":{}", "\"x-more\":0.5", HM_INPUT,
	  "only integers have a canonical form" },
	{ "an answer that is neither", "snapshot\":false", "snapshot\":1", HM_INPUT,
	  "neither true nor false" },
	{ "no JSON", "}}", "", HM_INPUT, "JSON" },
};

static void root(void **state)
{
	const struct root_case *t = *state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct tuf_metadata m;
	struct hm_str tail = HM_STR(ROOT), head = HM_STR("");
	if (*t->from) {
		head = hm_cut_str(&tail, hm_cstr(t->from));
		assert_true(head.n < sizeof(ROOT) - 1);
	}
	struct hm_str text = hm_fmt(&cx, "%.*s%s%.*s", HM_FMT(head), t->to, HM_FMT(tail));
	hm_err err = trust_tuf_metadata_parse(&cx, TUF_ROOT, text, &m);
	if (!t->words) {
		assert_ok(err);
		assert_int_equal(m.version, 1);
		assert_fault(trust_tuf_metadata_verify(&cx, &m, &m), HM_TRUST, "0 of the 1");
	} else {
		assert_fault(err, t->code, strchr(t->words, '|') ? "too small" : t->words);
	}
}

/* --- thresholds --- */

static void thresholds(void **state)
{
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct repository r = { 0 };
	struct tuf_metadata m;
	(void)state;
	make_keys(&cx, &r);
	/* two of three keys; the key of the third id is the first one's */
	r.public[2] = r.public[0];
	struct hm_str text = root_text(&cx, &r, 1, TUF_ROOT, LATER), tail = text;
	struct hm_str head =
		hm_cut_str(&tail, HM_STR("\"root\":{\"keyids\":[\"k0\"],\"threshold\":1}"));
	text = hm_fmt(&cx, "%.*s\"root\":{\"keyids\":[\"k0\",\"k1\",\"k2\"],\"threshold\":2}%.*s",
		      HM_FMT(head), HM_FMT(tail));
	assert_ok(trust_tuf_metadata_parse(&cx, TUF_ROOT, sign(&cx, &r, 3, text), &m));
	assert_ok(trust_tuf_metadata_verify(&cx, &m, &m));
	assert_ok(trust_tuf_metadata_parse(&cx, TUF_ROOT, sign(&cx, &r, 1, text), &m));
	assert_fault(trust_tuf_metadata_verify(&cx, &m, &m), HM_TRUST, "1 of the 2");
	assert_ok(trust_tuf_metadata_parse(&cx, TUF_ROOT, sign(&cx, &r, 1 | 8, text), &m));
	assert_fault(trust_tuf_metadata_verify(&cx, &m, &m), HM_TRUST,
		     "1 of the 2"); /* of another role */
	struct crypto_key own = r.keys[2];
	r.keys[2] = r.keys[0]; /* who signs under two names */
	assert_ok(trust_tuf_metadata_parse(&cx, TUF_ROOT, sign(&cx, &r, 1 | 4, text), &m));
	assert_fault(trust_tuf_metadata_verify(&cx, &m, &m), HM_TRUST, "1 of the 2");
	r.keys[2] = own;
	done_keys(&r);
}

/* --- the public repository, on a day on which it was current --- */

#define PUBLIC "signing/sigstore-root-signing/"

static hm_err get_public(struct hm_cx *cx, void *arg, struct hm_str path, size_t max,
			 bool *out_found, struct hm_str *out)
{
	struct hm_str name = path, first = hm_cut(&name, '.');
	uint64_t version;
	const char *file = hm_fmt(cx, PUBLIC "metadata/%.*s", HM_FMT(name)).p;
	(void)arg;
	if (hm_starts(path, HM_STR("targets/")))
		file = hm_fmt(cx, PUBLIC "targets/%.*s", HM_FMT(name)).p;
	else if (hm_eqz(name, "root.json"))
		file = hm_fmt(cx, PUBLIC "metadata/root_history/%.*s", HM_FMT(path)).p;
	else if (!hm_u64(first, UINT32_MAX, &version))
		file = hm_fmt(cx, PUBLIC "metadata/%.*s", HM_FMT(path)).p;
	*out_found = !hm_eqz(path, "16.root.json");
	return *out_found ? hm_read_file(cx, unit_data(cx, file), max, out) : NULL;
}

static void public_repository(void **state)
{
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	struct tuf_client c = { .fetch = { .get = get_public } };
	struct tuf_metadata m;
	struct hm_str got;
	(void)state;
	assert_ok(hm_read_file(&cx, unit_data(&cx, PUBLIC "metadata/root_history/1.root.json"),
			       HM_MAX_TUF_ROOT, &c.texts[TUF_ROOT]));
	assert_ok(hm_rfc3339_parse(&cx, HM_STR("2026-08-22T12:00:00Z"), &c.now));
	assert_ok(trust_tuf_refresh(&cx, &c));
	assert_ok(trust_tuf_metadata_parse(&cx, TUF_ROOT, c.texts[TUF_ROOT], &m));
	assert_int_equal(m.version, 15);
	assert_ok(trust_tuf_target(&cx, &c, HM_STR("trusted_root.json"), HM_MAX_TRUSTED_ROOT,
				   HM_STR(""), &got));
	SIGSTORE_AUTO_ROOT root = { 0 };
	assert_ok(trust_sigstore_root_parse(&cx, got, &root));
	assert_int_equal(root.logs_n, 2);
	c.now += 30 * 86400;
	assert_fault(trust_tuf_refresh(&cx, &c), HM_TRUST, "timestamp version 762 expired");
}

/* --- a store, from a mirror in a folder --- */

struct world {
	struct repository r;
	const char *config, *mirror;
	struct hm_str root;
};

static void write_mirror(struct hm_cx *cx, const struct world *w)
{
	assert_ok(hm_remove_tree(cx, w->mirror));
	assert_ok(hm_mkdirs(cx, hm_path(cx, w->mirror, "targets"), 0755));
	for (size_t i = 0; i < w->r.files_n; i++)
		assert_ok(hm_write_file(cx, hm_path(cx, w->mirror, hm_dupz(cx, w->r.files[i].name)),
					w->r.files[i].text, 0644));
}

static void make_world(struct hm_cx *cx, const char *name, struct world *w)
{
	static const struct doc docs[TUF_ROLES] = { { 0 } };
	w->config = hm_path(cx, unit_temp_dir(), name);
	w->mirror = hm_path(cx, w->config, "mirror");
	make_keys(cx, &w->r);
	w->root = sign(cx, &w->r, 1, root_text(cx, &w->r, 1, TUF_ROOT, LATER));
	put_all(cx, &w->r, docs);
	write_mirror(cx, w);
}

static hm_err make_store(struct hm_cx *cx, const struct world *w, const char *name)
{
	struct tuf_mirror m = { hm_cstr(w->mirror), NULL };
	return trust_tuf_init(cx, w->config, hm_cstr(name), &m, w->root, NOW);
}

static void store(void **state)
{
	static const struct doc newer[TUF_ROLES] = { [TUF_TIMESTAMP] = { .version = 8 } };
	static const struct doc root_only[TUF_ROLES] = { { .version = 2 },
							 { .version = 9, .by = 1u << STRANGER } };
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	struct hm_str name = HM_STR("acme");
	struct tuf_status st;
	struct hm_strs names;
	struct world w = { 0 };
	(void)state;
	make_world(&cx, "store", &w);
	assert_fault(trust_tuf_update(&cx, w.config, name, NULL, NOW), HM_ABSENT,
		     "there is no trust");
	assert_fault(trust_tuf_status(&cx, w.config, name, &st), HM_ABSENT, "there is no trust");
	assert_fault(make_store(&cx, &w, "../acme"), HM_USAGE, "not a valid name");
	assert_ok(make_store(&cx, &w, "acme"));
	assert_ok(trust_tuf_list(&cx, w.config, &names));
	assert_int_equal(names.n, 1);
	put_all(&cx, &w.r, newer);
	write_mirror(&cx, &w);
	assert_ok(trust_tuf_update(&cx, w.config, name, NULL, NOW + 60));
	assert_ok(trust_tuf_status(&cx, w.config, name, &st));
	assert_true(st.by_tuf && st.updated == NOW + 60 && st.versions[TUF_TIMESTAMP] == 8);
	/* a newer root stays, all else is as it was */
	put_all(&cx, &w.r, root_only);
	write_mirror(&cx, &w);
	assert_fault(trust_tuf_update(&cx, w.config, name, NULL, NOW + 90), HM_TRUST, "0 of the 1");
	assert_ok(trust_tuf_status(&cx, w.config, name, &st));
	assert_true(st.updated == NOW + 60 && st.versions[TUF_TIMESTAMP] == 8);
	assert_int_equal(st.versions[TUF_ROOT], 2);
	done_keys(&w.r);
}

/* How old it may be, an hour after LATER. */
static const struct age_case {
	const char *label;
	int64_t now, max_age; /* from NOW */
	bool by_tuf;
	const char *words; /* NULL: it is believed */
} ages[] = {
	{ "current", 3600, 0, true, NULL },
	{ "expired", 400 * 86400, 0, true, "is 400 days old, and has expired" },
	{ "expired, and younger than a policy allows", 400 * 86400, 401 * 86400, true, NULL },
	{ "current, and older than a policy allows", 3 * 3600, 3600, true,
	  "is 3 hours old, more than the policy allows" },
	{ "kept by nobody", 400 * 86400, 0, false, NULL },
	{ "kept by nobody, and from the future", -7 * 86400, 86400, false,
	  "has a date in the future" },
	{ "kept by nobody, and by a clock that is a little ahead", -60, 86400, false, NULL },
	{ "kept by nobody, and older than a policy allows", 400 * 86400, 86400, false,
	  "more than the policy allows" },
};

static void age(void **state)
{
	const struct age_case *t = *state;
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	struct world w = { 0 };
	struct tuf_status st;
	make_world(&cx, t->label, &w);
	assert_ok(make_store(&cx, &w, "acme"));
	struct tuf_terms terms = { .now = NOW + t->now, .max_age = t->max_age };
	if (!t->by_tuf) {
		const char *dir = hm_path(&cx, w.config, "truststore/sigstore/acme");
		assert_ok(hm_remove_tree(&cx, hm_path(&cx, dir, "tuf")));
		terms.now = hm_now() + t->now;
	}
	hm_err err = trust_tuf_freshen(&cx, w.config, HM_STR("acme"), &terms, &st);
	if (t->words)
		assert_fault(err, HM_TRUST, t->words);
	else
		assert_ok(err);
	done_keys(&w.r);
}

/* --- a policy that names the store --- */

static const struct bound_case {
	const char *label, *more;
	int64_t now; /* from NOW */
	bool stale;
	const char *words; /* of the policy; NULL: it is one */
} bounds[] = {
	{ "no bound, and current", "", 3600, false, NULL },
	{ "no bound, and expired", "", 400 * 86400, true, NULL },
	{ "a bound that it keeps", ",\"trustDataMaxAge\":\"401d\"", 400 * 86400, false, NULL },
	{ "a bound that it does not keep", ",\"trustDataMaxAge\":\"1h30m\"", 2 * 3600, true, NULL },
	{ "a bound in days", ",\"trustDataMaxAge\":\"1d\"", 2 * 86400, true, NULL },
	{ "no time at all", ",\"trustDataMaxAge\":\"0d\"", 0, false, "\"trustDataMaxAge\"" },
	{ "no duration", ",\"trustDataMaxAge\":\"d\"", 0, false, "\"trustDataMaxAge\"" },
	{ "a number", ",\"trustDataMaxAge\":7", 0, false, "\"trustDataMaxAge\"" },
};

static void bound(void **state)
{
	const struct bound_case *t = *state;
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	struct world w = { 0 };
	struct hm_strs stale = { 0 };
	make_world(&cx, hm_fmt(&cx, "bound %s", t->label).p, &w);
	assert_ok(make_store(&cx, &w, "acme"));
	struct hm_str policy = hm_fmt(
		&cx,
		"{\"version\":\"hullmark-1\",\"trustPolicies\":[{\"name\":\"p\","
		"\"registryScopes\":[\"*\"],\"signatureVerification\":{\"level\":\"strict\"},"
		"\"trustStores\":[\"sigstore:acme\"],\"trustedIdentities\":"
		"[{\"issuer\":\"https://i.example\",\"subject\":\"me\"}]%s}]}",
		t->more);
	done_keys(&w.r);
	if (t->words) {
		assert_fault(trust_policy_check(&cx, policy), HM_INPUT, t->words);
		return;
	}
	assert_ok(trust_policy_import(&cx, w.config, policy));
	assert_ok(trust_policy_stale(&cx, w.config, HM_STR("a.example/b"), NOW + t->now, &stale));
	assert_int_equal(stale.n, t->stale);
	/* whoever verifies asks the same */
	struct trust_config *config;
	struct trust_roots_found believed = { 0 };
	assert_ok(trust_config_open(&cx, w.config, &config));
	const struct trust_statement *s = trust_config_select(&cx, config, HM_STR("a.example/b"));
	hm_err err = trust_config_sigstore_roots(&cx, config, s, NOW + t->now, &believed);
	if (t->stale) {
		assert_fault(err, HM_TRUST, "trust store \"sigstore:acme\" is ");
	} else {
		assert_ok(err);
		assert_int_equal(believed.n, 1);
		/* with the clock at its end, and a second before */
		assert_true(believed.end > NOW + t->now && believed.end < INT64_MAX);
		assert_ok(trust_config_sigstore_roots(&cx, config, s, believed.end - 1, &believed));
		assert_fault(trust_config_sigstore_roots(&cx, config, s, believed.end, &believed),
			     HM_TRUST, "trust store \"sigstore:acme\" is ");
	}
	trust_config_close(config);
}

/* --- what a store keeps --- */

static void kept_targets(void **state)
{
	(void)state;
	assert_true(trust_tuf_kept_targets[0].is_needed);
	for (size_t i = 0; i < TUF_KEPT_TARGETS; i++) {
		assert_true(hm_ends(hm_cstr(trust_tuf_kept_targets[i].file), HM_STR(".json")));
		assert_true(hm_ends(hm_cstr(trust_tuf_kept_targets[i].target), HM_STR(".json")));
	}
}

int main(void)
{
	UNIT(kept_targets);
	UNIT(store);
	UNIT_TABLE(age, ages);
	UNIT_TABLE(bound, bounds);
	UNIT_TABLE(update, updates);
	UNIT(bad_mirror);
	UNIT_TABLE(root, roots);
	UNIT(thresholds);
	UNIT(public_repository);
	return unit_run("trust/tuf");
}
