/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include <unistd.h>

#include "trust/config.h"

const char *const trust_store_types[TRUST_STORE_TYPES] = { "ca", "signingAuthority", "tsa",
							   "sigstore", "key" };
const char *const trust_store_folders[TRUST_STORE_TYPES] = { "x509/ca", "x509/signingAuthority",
							     "x509/tsa", "sigstore", "key" };

static enum trust_store_type find_type(struct hm_str name)
{
	size_t i = 0;
	while (i < TRUST_STORE_TYPES && !hm_eqz(name, trust_store_types[i]))
		i++;
	return (enum trust_store_type)i;
}

/* A store holds certificate authorities, or certificates that vouch for themselves. */
static hm_err check_certificates(struct hm_cx *cx, const struct trust_store *s,
				 const struct crypto_chain *c)
{
	for (size_t i = 0; i < c->n; i++) {
		bool self = crypto_chain_is_self_signed(c, i);
		struct crypto_certificate_info info;
		if (self || (s->type != TRUST_TSA && crypto_chain_is_ca(c, i)))
			continue;
		HM_TRY(crypto_certificate_info(cx, c, i, &info));
		return hm_fail(cx, HM_INPUT, "certificate \"%.*s\" is not a root certificate%s",
			       HM_FMT(info.subject),
			       s->type == TRUST_TSA ? "" : " or certificate authority");
	}
	return NULL;
}

static hm_err read_certificates(struct hm_cx *cx, const char *path, struct crypto_hash *hash,
				struct trust_store *s)
{
	struct hm_str bytes = { "", 0 };
	struct crypto_chain *c = &s->files[s->files_n];
	HM_TRY(trust_read_regular(cx, path, HM_MAX_CERTIFICATE_FILE, &bytes));
	crypto_hash_add_part(hash, hm_cstr(path));
	crypto_hash_add_part(hash, crypto_digest_raw(cx, CRYPTO_SHA256, bytes));
	HM_TRY_IN(cx, crypto_chain_parse(cx, bytes, c), "\"%s\"", path);
	s->files_n++;
	HM_TRY_IN(cx, check_certificates(cx, s, c), "\"%s\"", path);
	return NULL;
}

static hm_err read_folder(struct hm_cx *cx, const char *path, struct crypto_hash *hash,
			  struct trust_store *s)
{
	struct hm_strs names;
	char kind = trust_file_kind(path);
	if (!kind)
		return hm_fail(cx, HM_ABSENT, "trust store \"%s\" does not exist", path);
	if (kind != 'd')
		return hm_fail(cx, HM_INPUT,
			       "trust store \"%s\" is not a folder (links are not followed)", path);
	if (s->type == TRUST_SIGSTORE)
		return trust_store_read_root(cx, path, hash, s);
	if (s->type == TRUST_KEY)
		return trust_store_read_keys(cx, path, hash, s);
	HM_TRY(hm_list_dir(cx, path, HM_MAX_TRUST_FILES, &names));
	s->files = hm_new(cx, struct crypto_chain, names.n + 1);
	for (size_t i = 0; i < names.n; i++) {
		const char *file = hm_path(cx, path, names.p[i].p);
		if (trust_file_kind(file) != 'd')
			HM_TRY(read_certificates(cx, file, hash, s));
	}
	if (!s->files_n)
		return hm_fail(cx, HM_INPUT, "trust store \"%s\" has no certificates", path);
	return NULL;
}

void trust_store_read(struct hm_cx *cx, const char *config_dir, struct hm_str type_and_name,
		      struct crypto_hash *hash, struct trust_store *out)
{
	struct trust_store s = { 0 };
	struct hm_str name = type_and_name;
	struct hm_str type = hm_cut(&name, ':');
	s.type = find_type(type);
	s.name = type_and_name;
	struct hm_str path = hm_fmt(cx, "%s/truststore/%s/%.*s", config_dir,
				    trust_store_folders[s.type], HM_FMT(name));
	crypto_hash_add_part(hash, path);
	s.err = read_folder(cx, path.p, hash, &s);
	if (!s.err && s.type == TRUST_SIGSTORE)
		s.err = trust_store_read_age(cx, config_dir, name, hash, &s.status);
	if (s.err)
		crypto_hash_add_part(hash, hm_cstr(s.err->why));
	*out = s;
}

static hm_err store_dir(struct hm_cx *cx, const char *config_dir, const char *type,
			struct hm_str store, char **out)
{
	enum trust_store_type known = find_type(hm_cstr(type));
	if (known == TRUST_STORE_TYPES)
		return hm_fail(cx, HM_USAGE,
			       "unknown trust store type \"%s\": use ca, signingAuthority, tsa, "
			       "sigstore or key",
			       type);
	if (!trust_is_name(store))
		return hm_fail(
			cx, HM_USAGE,
			"\"%.*s\" is not a valid name: only letters, digits, \"_\", \".\" and \"-\"",
			HM_FMT(store));
	*out = hm_dupz(cx, hm_fmt(cx, "%s/truststore/%s/%.*s", config_dir,
				  trust_store_folders[known], HM_FMT(store)));
	return NULL;
}

hm_err trust_store_check(struct hm_cx *cx, const char *config_dir, struct hm_str type_and_name)
{
	struct hm_str name = type_and_name, type = hm_cut(&name, ':');
	CRYPTO_AUTO_HASH hash;
	struct trust_store s;
	char *dir;
	HM_TRY(store_dir(cx, config_dir, hm_dupz(cx, type), name, &dir));
	crypto_hash_start(&hash, CRYPTO_SHA256);
	trust_store_read(cx, config_dir, type_and_name, &hash, &s);
	trust_store_done(&s);
	return s.err;
}

/* Does it belong into a store of that type? */
static hm_err check_file(struct hm_cx *cx, enum trust_store_type type, struct hm_str text)
{
	CRYPTO_AUTO_CHAIN chain = { 0 };
	struct trust_store s = { .type = type };
	if (trust_store_is_own(type))
		return trust_store_check_own(cx, type, text);
	HM_TRY(crypto_chain_parse(cx, text, &chain));
	return check_certificates(cx, &s, &chain);
}

hm_err trust_store_add(struct hm_cx *cx, const char *config_dir, const char *type,
		       struct hm_str store, struct hm_str file_name, struct hm_str pem)
{
	char *dir;
	enum trust_store_type known = find_type(hm_cstr(type));
	HM_TRY(store_dir(cx, config_dir, type, store, &dir));
	if (!trust_is_name(file_name))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not a valid name for a certificate file",
			       HM_FMT(file_name));
	HM_TRY_IN(cx, check_file(cx, known, pem), "\"%.*s\"", HM_FMT(file_name));
	if (known == TRUST_SIGSTORE)
		file_name = HM_STR(TRUST_ROOT_FILE);
	char *path = hm_path(cx, dir, hm_dupz(cx, file_name));
	if (trust_file_kind(path))
		return hm_fail(cx, HM_USAGE, "\"%s\" is in the trust store already", path);
	HM_TRY(hm_mkdirs(cx, dir, 0700));
	return hm_write_file(cx, path, pem, 0644);
}

hm_err trust_store_remove(struct hm_cx *cx, const char *config_dir, const char *type,
			  struct hm_str store, struct hm_str file_name)
{
	char *dir;
	HM_TRY(store_dir(cx, config_dir, type, store, &dir));
	if (!trust_file_kind(dir))
		return hm_fail(cx, HM_ABSENT, "there is no trust store \"%s\"", dir);
	if (!file_name.n)
		return hm_remove_tree(cx, dir);
	if (!trust_is_name(file_name))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not a valid name of a certificate file",
			       HM_FMT(file_name));
	char *path = hm_path(cx, dir, hm_dupz(cx, file_name));
	if (!trust_file_kind(path))
		return hm_fail(cx, HM_ABSENT, "there is no \"%s\"", path);
	if (unlink(path) < 0)
		return hm_fail_os(cx, "could not remove \"%s\"", path);
	/* An empty store would only make a different error later. */
	rmdir(dir);
	return NULL;
}

/* The entries of a folder that are of that kind; none where the folder does not exist. */
static hm_err list_entries(struct hm_cx *cx, const char *dir, char kind, struct hm_strs *out)
{
	struct hm_strs names = { 0 }, kept = { 0 };
	if (trust_file_kind(dir) == 'd')
		HM_TRY(hm_list_dir(cx, dir, HM_MAX_TRUST_FILES, &names));
	for (size_t i = 0; i < names.n; i++)
		if (trust_file_kind(hm_path(cx, dir, names.p[i].p)) == kind)
			*hm_push(cx, &kept) = names.p[i];
	*out = kept;
	return NULL;
}

hm_err trust_store_list(struct hm_cx *cx, const char *config_dir,
			struct trust_certificate_file **out, size_t *out_n)
{
	HM_VEC(struct trust_certificate_file) found = { 0 };
	for (size_t i = 0; i < TRUST_STORE_TYPES; i++) {
		struct hm_strs stores, files;
		const char *type = trust_store_types[i];
		struct hm_str top =
			hm_fmt(cx, "%s/truststore/%s", config_dir, trust_store_folders[i]);
		HM_TRY(list_entries(cx, top.p, 'd', &stores));
		for (size_t k = 0; k < stores.n; k++) {
			const char *dir = hm_path(cx, top.p, stores.p[k].p);
			HM_TRY(list_entries(cx, dir, 'f', &files));
			for (size_t m = 0; m < files.n; m++)
				*hm_push(cx, &found) = (struct trust_certificate_file){
					type, stores.p[k], files.p[m],
					hm_cstr(hm_path(cx, dir, files.p[m].p))
				};
		}
	}
	*out = found.p;
	*out_n = found.n;
	return NULL;
}
