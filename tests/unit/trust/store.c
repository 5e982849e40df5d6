/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>
#include <unistd.h>

#include "trust/config.h"
#include "trust/trust.h"

#include "unit.h"

enum { NOW = 1700000000 };

static const char policy[] =
	"{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"n\",\"registryScopes\":[\"*\"],"
	"\"signatureVerification\":{\"level\":\"strict\"},\"trustStores\":[\"ca:a\"],"
	"\"trustedIdentities\":[\"*\"]}]}";

static void generate(struct hm_cx *cx, const char *dir, const char *name, bool is_default)
{
	struct trust_test_certificate want = { .name = hm_cstr(name),
					       .alg = CRYPTO_ES256,
					       .now = NOW,
					       .days = 1,
					       .is_default = is_default };
	struct trust_key key;
	assert_ok(trust_generate_test(cx, dir, &want, &key));
}

static void keys(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *dir = unit_temp_dir();
	struct trust_key *k;
	size_t n;
	struct stat st;
	TRUST_AUTO_SIGNER signer = { 0 };
	assert_ok(trust_keys_list(&cx, dir, &k, &n));
	assert_int_equal(n, 0);
	assert_fault(trust_signer_open(&cx, dir, HM_STR(""), NULL, &signer), HM_ABSENT, "default");
	generate(&cx, dir, "a", true);
	generate(&cx, dir, "b", true);
	assert_ok(trust_keys_list(&cx, dir, &k, &n));
	assert_int_equal(n, 2);
	assert_false(k[0].is_default);
	assert_true(k[1].is_default);
	assert_int_equal(stat(k[0].key_path.p, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_ok(trust_signer_open(&cx, dir, HM_STR(""), NULL, &signer));
	assert_strz(signer.name, "b");
	TRUST_AUTO_SIGNER none = { 0 };
	assert_fault(trust_signer_open(&cx, dir, HM_STR("c"), NULL, &none), HM_ABSENT, "\"c\"");
	struct trust_key mixed = { .name = HM_STR("m"),
				   .key_path = k[0].key_path,
				   .cert_path = k[1].cert_path };
	assert_fault(trust_key_add(&cx, dir, &mixed, NULL, 0), HM_INPUT, "does not belong");
	assert_fault(trust_key_add(&cx, dir, &k[0], NULL, 1700000000), HM_USAGE, "already");
	assert_ok(trust_key_delete(&cx, dir, HM_STR("b")));
	assert_fault(trust_key_delete(&cx, dir, HM_STR("b")), HM_ABSENT, "\"b\"");
	assert_fault(trust_signer_open(&cx, dir, HM_STR(""), NULL, &none), HM_ABSENT, "default");
}

/* A key of the list belongs to one kind at the most, and one that no kind knows is refused. */
static void kinds(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct trust_key file = { .key_path = HM_STR("k.key"), .cert_path = HM_STR("k.crt") };
	struct trust_key plugin = { .plugin = HM_STR("p"), .id = HM_STR("1") };
	TRUST_AUTO_SIGNER signer = { 0 };
	struct trust_key nowhere = { .name = HM_STR("n") };
	size_t holders = 0, plugin_holders = 0;
	for (const struct trust_signer_kind *const *k = trust_signer_kinds; *k; k++) {
		assert_non_null((*k)->open);
		assert_non_null((*k)->close);
		holders += (*k)->holds(&file);
		plugin_holders += (*k)->holds(&plugin);
		assert_false((*k)->holds(&nowhere));
		for (const struct trust_signer_kind *const *o = trust_signer_kinds; o != k; o++)
			assert_string_not_equal((*k)->name, (*o)->name);
	}
	assert_int_equal(holders, 1);
	assert_int_equal(plugin_holders, 1);
	assert_fault(trust_signer_of(&cx, &nowhere, NULL, &signer), HM_INPUT,
		     "neither the files of a key nor a plugin");
}

/* A plugin's key that another tool listed survives; without the plugin nobody signs with it. */
static void plugin_keys(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *dir = unit_temp_dir();
	struct hm_str text;
	struct trust_key *k;
	size_t n;
	char *path = hm_path(&cx, dir, "signingkeys.json");
	assert_ok(hm_read_file(
		&cx,
		unit_data(&cx,
			  "signing/notation/notation-go/config/testdata/valid/signingkeys.json"),
		HM_MIB, &text));
	assert_ok(hm_write_file(&cx, path, text, 0600));
	generate(&cx, dir, "mine", false);
	assert_ok(trust_keys_list(&cx, dir, &k, &n));
	assert_int_equal(n, 4);
	assert_true(k[0].is_default);
	assert_strz(k[2].plugin, "pluginX");
	assert_true(hm_find(k[2].json, HM_STR("pluginConfig")) != SIZE_MAX);
	TRUST_AUTO_SIGNER signer = { 0 };
	assert_fault(trust_signer_open(&cx, dir, HM_STR("external-key"), NULL, &signer), HM_ABSENT,
		     "there is no plugin \"pluginX\"");
}

static const struct keys_case {
	const char *label, *text, *why;
} bad_keys[] = {
	{ "no object", "[]", "it is not a list of signing keys" },
	{ "keys that are no list", "{\"keys\":{}}", "it is not a list of signing keys" },
	{ "a key that is no object", "{\"keys\":[1]}", "a key is not an object" },
	{ "a key without name", "{\"keys\":[{}]}", "\"name\" is missing" },
	{ "a key with an empty name", "{\"keys\":[{\"name\":\"\"}]}", "a key has no name" },
	{ "a name twice", "{\"keys\":[{\"name\":\"a\"},{\"name\":\"a\"}]}",
	  "two keys have the name \"a\"" },
	{ "a default that is not there", "{\"default\":\"b\",\"keys\":[{\"name\":\"a\"}]}",
	  "the default key \"b\" is not among the keys" },
	{ "a default that is no text", "{\"default\":1,\"keys\":[]}",
	  "it is not a list of signing keys" },
};

static void bad_key(void **state)
{
	const struct keys_case *t = *state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct trust_key *k;
	size_t n;
	assert_fault(trust_keys_parse(&cx, hm_cstr(t->text), &k, &n), HM_INPUT, t->why);
}

static const struct add_case {
	const char *label, *path, *type;
	const char *why; /* NULL: it is taken */
} adds[] = {
	{ "a root", "signing/notation/e2e/config/ocsp/root.crt", "ca", NULL },
	{ "a self-signed leaf", "signing/notation/e2e/config/localkeys/e2e.crt", "ca", NULL },
	{ "a leaf that somebody issued", "signing/notation/e2e/config/ocsp/leaf.crt", "ca",
	  "O=Organization,L=City,ST=State,C=US\" is not a root certificate or certificate authority" },
	{ "a root for timestamps", "signing/notation/e2e/config/timestamp/globalsignTSARoot.cer",
	  "tsa", NULL },
	{ "an intermediate for timestamps",
	  "signing/notation/e2e/config/timestamp/intermediate.pem", "tsa",
	  "\"CN=Intermediate1\" is not a root certificate" },
	{ "an intermediate for code signing",
	  "signing/notation/e2e/config/timestamp/intermediate.pem", "ca", NULL },
	{ "one that is not self-issued", "signing/notation/e2e/config/timestamp/notSelfIssued.crt",
	  "tsa", "C=US\" is not a root certificate" },
	{ "something else", "signing/notation/e2e/config/timestamp/invalid.crt", "ca",
	  "a PEM block is malformed" },
	{ "a root and a leaf in one file",
	  "signing/notation/notation-go/verifier/testdata/truststore/x509/ca/trust-store-with-leaf-certs-in-single-file/RootAndLeafCerts.crt",
	  "ca",
	  "CN=wabbit-networks.io,O=Notary,L=Seattle,ST=WA,C=US\" is not a root certificate or certificate authority" },
};

static void add(void **state)
{
	const struct add_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *dir = unit_temp_dir();
	struct hm_str bytes;
	assert_ok(hm_read_file(&cx, unit_data(&cx, t->path), HM_MIB, &bytes));
	hm_err err = trust_store_add(&cx, dir, t->type, HM_STR("s"), HM_STR("c.crt"), bytes);
	if (t->why)
		assert_fault(err, HM_INPUT, t->why);
	else
		assert_ok(err);
	struct trust_certificate_file *files;
	size_t n;
	assert_ok(trust_store_list(&cx, dir, &files, &n));
	assert_int_equal(n, t->why ? 0 : 1);
	if (t->why)
		return;
	assert_fault(trust_store_add(&cx, dir, t->type, HM_STR("s"), HM_STR("c.crt"), bytes),
		     HM_USAGE, "already");
	assert_fault(trust_store_add(&cx, dir, "x", HM_STR("s"), HM_STR("d.crt"), bytes), HM_USAGE,
		     "type");
	assert_fault(trust_store_add(&cx, dir, t->type, HM_STR(".."), HM_STR("d.crt"), bytes),
		     HM_USAGE, "name");
	assert_fault(trust_store_add(&cx, dir, t->type, HM_STR("s"), HM_STR("../d"), bytes),
		     HM_USAGE, "name");
	assert_fault(trust_store_remove(&cx, dir, t->type, HM_STR("s"), HM_STR("no")), HM_ABSENT,
		     "/s/no\"");
	assert_ok(trust_store_remove(&cx, dir, t->type, HM_STR("s"), HM_STR("c.crt")));
	assert_fault(trust_store_remove(&cx, dir, t->type, HM_STR("s"), HM_STR("")), HM_ABSENT,
		     "there is no trust store");
}

/* The hash that verdicts are kept under changes with everything that they rest on. */
static void hash(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *dir = unit_temp_dir();
	struct trust_config *t;
	struct hm_str seen[6];
	size_t n = 0;
	char *store = hm_path(&cx, dir, "truststore/x509/ca/a");
	assert_fault(trust_config_open(&cx, dir, &t), HM_ABSENT, "no trust policy");
	assert_ok(trust_policy_import(&cx, dir, hm_cstr(policy)));
	for (int step = 0; step < 5; step++) {
		if (step == 1)
			generate(&cx, dir, "a", false);
		if (step == 2)
			assert_ok(
				hm_write_file(&cx, hm_path(&cx, store, "junk"), HM_STR("x"), 0600));
		if (step == 3) {
			unlink(hm_path(&cx, store, "junk"));
			assert_int_equal(symlink("a.crt", hm_path(&cx, store, "link.crt")), 0);
		}
		if (step == 4) {
			unlink(hm_path(&cx, store, "link.crt"));
			assert_ok(trust_policy_import(&cx, dir, hm_fmt(&cx, "%s\n", policy)));
		}
		assert_ok(trust_config_open(&cx, dir, &t));
		seen[n++] = hm_dup(&cx, trust_config_hash(t));
		trust_config_close(t);
		for (size_t i = 0; i + 1 < n; i++)
			assert_false(hm_eq(seen[i], seen[n - 1]));
	}
	/* A folder in a store is left alone. */
	assert_ok(hm_mkdirs(&cx, hm_path(&cx, store, "sub"), 0700));
	assert_ok(trust_config_open(&cx, dir, &t));
	assert_str(trust_config_hash(t), seen[n - 1]);
	trust_config_close(t);
}

int main(void)
{
	unit_workers();
	UNIT(keys);
	UNIT(kinds);
	UNIT(plugin_keys);
	UNIT_TABLE(bad_key, bad_keys);
	UNIT_TABLE(add, adds);
	UNIT(hash);
	return unit_run("trust/store");
}
