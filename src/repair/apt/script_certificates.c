/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The postinst of ca-certificates: it is known as a whole, by its digest. What it and
 * update-ca-certificates(8) do is done here: the list of certificates, links to those that are
 * trusted, openssl-rehash(1)'s links by hash, and the bundle. A list that somebody has made their
 * own (new certificates are not trusted without asking) is not.
 */
#include "crypto/crypto.h"
#include "repair/apt/script.h"

#define SHARE "usr/share/ca-certificates/"
#define LOCAL "usr/local/share/ca-certificates/"
#define CERTS "etc/ssl/certs/"
#define CONF  "etc/ca-certificates.conf"
#define HOOKS "etc/ca-certificates/update.d/"

/* Without its comments and empty lines. */
static const char *const known[] = {
	"sha256:7ea46991fdb08f83a3533d41362b9e42e756413a76db659d94cc4f67d50a047c",
};

struct store {
	struct shell *sh;
	struct hm_strs names;   /* below SHARE, sorted */
	struct hm_map disabled; /* by the list */
	struct hm_buf bundle;
	bool changed;
};

static void store_done(struct store *s)
{
	hm_buf_done(&s->bundle);
}

static hm_err is_known(struct hm_cx *cx, struct hm_str text, bool *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_SCRIPT * 2);
	while (text.n) {
		struct hm_str line = hm_trim(hm_line(&text));
		if (line.n && line.p[0] != '#')
			hm_buf_fmt(&b, "%.*s\n", HM_FMT(line));
	}
	struct hm_str digest = crypto_digest_text(cx, CRYPTO_SHA256, hm_buf_str(&b));
	*out = false;
	for (size_t i = 0; i < HM_LEN(known); i++)
		*out = *out || hm_eqz(digest, known[i]);
	return NULL;
}

static const struct repair_node *node_at(const struct store *s, struct hm_str path)
{
	return repair_root_at(s->sh->root, path);
}

/* ------------------------------------------------------------------ the list */

static void find_names(struct store *s)
{
	const struct hm_map *nodes = &s->sh->root->nodes;
	for (size_t i = 0; i < nodes->n; i++) {
		const struct repair_node *n = nodes->entries[i].value;
		if (!n->is_gone && n->type == TAR_FILE && hm_starts(n->path, HM_STR(SHARE)) &&
		    hm_ends(n->path, HM_STR(".crt")))
			*hm_push(s->sh->cx, &s->names) = hm_from(n->path, strlen(SHARE));
	}
	hm_strs_sort(&s->names);
}

static bool is_enabled(const struct store *s, struct hm_str name)
{
	return hm_strs_has(&s->names, name) && !hm_map_has(&s->disabled, name);
}

/* Debconf's answer to "trust new certificates?"; yes, where nobody gave one. */
static bool trusts_new(const struct store *s)
{
	const struct repair_node *n = node_at(s, HM_STR("var/cache/debconf/config.dat"));
	struct hm_str text = n && n->is_kept ? n->content : HM_STR("");
	size_t at = hm_find(text, HM_STR("Name: ca-certificates/trust_new_crts\n"));
	if (at == SIZE_MAX)
		return !n || n->is_kept;
	text = hm_from(text, at);
	struct hm_str stanza = hm_cut_str(&text, HM_STR("\n\n"));
	at = hm_find(stanza, HM_STR("\nValue: "));
	return at == SIZE_MAX || hm_starts(hm_from(stanza, at), HM_STR("\nValue: yes\n"));
}

static void put_list_line(struct store *s, struct hm_buf *b, struct hm_str line)
{
	struct hm_str name = hm_starts(line, HM_STR("!")) ? hm_from(line, 1) : line;
	bool off = name.n != line.n && !is_enabled(s, name);
	if (hm_starts(line, HM_STR("#"))) {
		hm_buf_fmt(b, "%.*s\n", HM_FMT(line));
		return;
	}
	bool there = node_at(s, hm_fmt(s->sh->cx, SHARE "%.*s", HM_FMT(name))) ||
		     node_at(s, hm_fmt(s->sh->cx, LOCAL "%.*s", HM_FMT(name)));
	hm_buf_fmt(b, "%s%.*s\n", is_enabled(s, name) || (there && !off) ? "" : "!", HM_FMT(name));
}

/* As `grep "^NAME"` sees it: a longer name that begins so counts. */
static bool has_beginning(struct hm_str text, struct hm_str head)
{
	while (text.n)
		if (hm_starts(hm_line(&text), head))
			return true;
	return false;
}

static hm_err write_list(struct store *s)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_SCRIPT);
	struct shell *sh = s->sh;
	const struct repair_node *n = node_at(s, HM_STR(CONF));
	struct shell_effect old = { .type = SHELL_WRITE,
				    .path = HM_STR(CONF ".dpkg-old"),
				    .mode = n->mode,
				    .uid = n->uid,
				    .gid = n->gid,
				    .text = n->content };
	struct shell_effect new = { .type = SHELL_WRITE, .path = HM_STR(CONF), .mode = 0644 };
	for (struct hm_str text = n->content; text.n;) {
		struct hm_str line = hm_line(&text);
		if (hm_starts(line, HM_STR("!")))
			hm_map_put(sh->cx, &s->disabled, hm_from(line, 1), s);
	}
	for (struct hm_str text = n->content; text.n;)
		put_list_line(s, &b, hm_trim(hm_line(&text)));
	for (size_t i = 0; i < s->names.n; i++) {
		struct hm_str name = s->names.p[i];
		const char *mark = is_enabled(s, name) ? "" : "!";
		if (!has_beginning(hm_buf_str(&b), hm_fmt(sh->cx, "%s%.*s", mark, HM_FMT(name))))
			hm_buf_fmt(&b, "%s%.*s\n", mark, HM_FMT(name));
	}
	HM_TRY(hm_buf_end(sh->cx, &b, CONF, &new.text));
	if (hm_eq(new.text, n->content))
		return NULL;
	HM_TRY(repair_shell_effect(sh, &old));
	return repair_shell_effect(sh, &new);
}

/* ------------------------------------------------------------------ links and the bundle */

static hm_err remove_path(struct store *s, struct hm_str path)
{
	return repair_shell_effect(s->sh,
				   &(struct shell_effect){ .type = SHELL_REMOVE, .path = path });
}

static hm_err link_path(struct store *s, struct hm_str path, struct hm_str to)
{
	return repair_shell_effect(s->sh, &(struct shell_effect){ .type = SHELL_LINK,
								  .path = path,
								  .text = to,
								  .mode = 0777 });
}

static struct hm_str pem_path(struct store *s, struct hm_str name, bool plain)
{
	struct hm_str base = hm_basename(name);
	if (hm_ends(base, HM_STR(".crt")))
		base.n -= strlen(".crt");
	char *z = hm_dupz(s->sh->cx, base);
	for (size_t i = 0; i < base.n && !plain; i++)
		if (hm_is_one_of(z[i], " ,"))
			z[i] = '_';
		else if (hm_is_one_of(z[i], "()"))
			z[i] = '=';
	return hm_fmt(s->sh->cx, CERTS "%s.pem", z);
}

static hm_err add_certificate(struct store *s, struct hm_str path)
{
	const struct repair_node *n = node_at(s, path), *at;
	struct hm_str to = hm_fmt(s->sh->cx, "/%.*s", HM_FMT(path));
	struct hm_str pem = pem_path(s, path, false);
	if (!n || n->type != TAR_FILE)
		return NULL;
	if (!n->is_kept) {
		repair_shell_give_up(s->sh, "the certificate \"/%.*s\" is not at hand",
				     HM_FMT(path));
		return NULL;
	}
	hm_buf_add(&s->bundle, n->content);
	if (!hm_ends(n->content, HM_STR("\n")))
		hm_buf_char(&s->bundle, '\n');
	at = node_at(s, pem);
	if (at && at->type == TAR_SYMLINK && hm_eq(at->link, to))
		return NULL;
	s->changed = true;
	return link_path(s, pem, to);
}

static hm_err read_list(struct store *s)
{
	struct hm_str list = node_at(s, HM_STR(CONF))->content;
	for (struct hm_str text = list; text.n;) {
		struct hm_str line = hm_line(&text), pem = pem_path(s, hm_from(line, 1), true);
		const struct repair_node *n = node_at(s, pem);
		if (!hm_starts(line, HM_STR("!")) || !n || n->type != TAR_SYMLINK)
			continue;
		s->changed = true;
		HM_TRY(remove_path(s, pem));
	}
	for (struct hm_str text = list; text.n;) {
		struct hm_str line = hm_line(&text);
		if (line.n && !hm_is_one_of(line.p[0], "#!"))
			HM_TRY(add_certificate(s, hm_fmt(s->sh->cx, SHARE "%.*s", HM_FMT(line))));
	}
	return NULL;
}

static hm_err add_local(struct store *s)
{
	const struct hm_map *nodes = &s->sh->root->nodes;
	struct hm_strs all = { 0 };
	for (size_t i = 0; i < nodes->n; i++) {
		const struct repair_node *n = nodes->entries[i].value;
		if (n->is_gone || !hm_starts(n->path, HM_STR(LOCAL)))
			continue;
		if (n->type == TAR_SYMLINK)
			repair_shell_give_up(s->sh, "a link among the local certificates");
		if (hm_ends(n->path, HM_STR(".crt")))
			*hm_push(s->sh->cx, &all) = n->path;
	}
	hm_strs_sort(&all);
	for (size_t i = 0; i < all.n; i++)
		HM_TRY(add_certificate(s, all.p[i]));
	return NULL;
}

/* ------------------------------------------------------------------ links by hash */

/* "1234abcd.0": *out_id is what stands behind the dot. */
static bool is_hash_name(struct hm_str name, uint64_t *out_id)
{
	size_t dot = hm_find_char(name, '.');
	for (size_t i = 0; i < 8 && i < name.n; i++)
		if (hm_hex_digit(name.p[i]) < 0)
			return false;
	return dot == 8 && hm_u64(hm_from(name, 9), 9999, out_id);
}

struct hashed {
	struct hm_str name, der;
	uint32_t hash;
	uint64_t id;
	bool has_id;
};
struct hashes {
	struct hashed *p;
	size_t n, cap;
};

/* A file with exactly one certificate that is in no other one before it. */
static hm_err hash_file(struct store *s, const struct repair_node *n, struct hashes *all)
{
	CRYPTO_AUTO_CHAIN chain = { 0 };
	struct hashed h = { .name = hm_basename(n->path) };
	const struct repair_node *file;
	bool sure;
	HM_TRY(repair_shell_find(s->sh, hm_fmt(s->sh->cx, "/%.*s", HM_FMT(n->path)), true, &file,
				 &sure));
	if (!file || !file->is_kept || hm_eqz(h.name, "ca-certificates.crt"))
		return NULL;
	hm_err err = crypto_chain_parse(s->sh->cx, file->content, &chain);
	if (err || chain.n != 1 || !crypto_subject_hash(&chain, 0, &h.hash))
		return NULL;
	h.der = hm_dup(s->sh->cx, chain.der[0]);
	for (size_t i = 0; i < all->n; i++)
		if (hm_eq(all->p[i].der, h.der))
			return NULL;
	*hm_push(s->sh->cx, all) = h;
	return NULL;
}

static bool is_certificate_name(struct hm_str name)
{
	static const char *const tails[] = { ".pem", ".crt", ".cer" };
	for (size_t i = 0; i < HM_LEN(tails); i++)
		if (hm_ends(name, hm_cstr(tails[i])))
			return true;
	return false;
}

static struct hm_strs list_store(struct store *s)
{
	const struct hm_map *nodes = &s->sh->root->nodes;
	struct hm_strs all = { 0 };
	for (size_t i = 0; i < nodes->n; i++) {
		const struct repair_node *n = nodes->entries[i].value;
		if (!n->is_gone && hm_eq(hm_dirname(n->path), HM_STR("etc/ssl/certs")))
			*hm_push(s->sh->cx, &all) = n->path;
	}
	hm_strs_sort(&all);
	return all;
}

static struct hm_str hash_path(struct store *s, uint32_t hash, uint64_t id)
{
	return hm_fmt(s->sh->cx, CERTS "%08x.%llu", hash, (unsigned long long)id);
}

static bool is_taken(const struct hashes *all, uint32_t hash, uint64_t id)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->p[i].hash == hash && all->p[i].has_id && all->p[i].id == id)
			return true;
	return false;
}

/* Numbers that are there stay, where there are not too many; others take the first that is free. */
static void number_hashes(struct store *s, struct hashes *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct hashed *h = &all->p[i];
		uint64_t same = 0;
		for (size_t j = 0; j < all->n; j++)
			same += all->p[j].hash == h->hash;
		for (uint64_t id = 0; id < same && !h->has_id; id++) {
			const struct repair_node *n = node_at(s, hash_path(s, h->hash, id));
			h->has_id = n && n->type == TAR_SYMLINK && hm_eq(n->link, h->name);
			h->id = id;
		}
	}
	for (size_t i = 0; i < all->n; i++) {
		struct hashed *h = &all->p[i];
		if (h->has_id)
			continue;
		h->id = 0;
		while (is_taken(all, h->hash, h->id))
			h->id++;
		h->has_id = true;
	}
}

static hm_err drop_links(struct store *s, const struct hm_strs *paths, const struct hashes *all)
{
	for (size_t i = 0; i < paths->n; i++) {
		const struct repair_node *n = node_at(s, paths->p[i]);
		uint64_t id;
		bool wanted = false;
		if (!n || n->type != TAR_SYMLINK || !is_hash_name(hm_basename(n->path), &id))
			continue;
		for (size_t j = 0; j < all->n && !wanted; j++)
			wanted = all->p[j].id == id &&
				 hm_eq(hash_path(s, all->p[j].hash, id), n->path);
		if (!wanted)
			HM_TRY(remove_path(s, n->path));
	}
	return NULL;
}

static hm_err drop_orphans(struct store *s, const struct hm_strs *paths)
{
	for (size_t i = 0; i < paths->n; i++) {
		const struct repair_node *n = node_at(s, paths->p[i]), *to;
		bool sure;
		if (!n || n->type != TAR_SYMLINK)
			continue;
		HM_TRY(repair_shell_find(s->sh, hm_fmt(s->sh->cx, "/%.*s", HM_FMT(n->path)), true,
					 &to, &sure));
		if (sure && !to)
			HM_TRY(remove_path(s, n->path));
	}
	return NULL;
}

static hm_err rehash(struct store *s)
{
	struct hm_strs paths = list_store(s);
	struct hashes all = { 0 };
	HM_TRY(drop_orphans(s, &paths));
	for (size_t i = 0; i < paths.n; i++) {
		const struct repair_node *n = node_at(s, paths.p[i]);
		uint64_t id;
		if (n && is_certificate_name(n->path) && !is_hash_name(hm_basename(n->path), &id))
			HM_TRY(hash_file(s, n, &all));
	}
	number_hashes(s, &all);
	HM_TRY(drop_links(s, &paths, &all));
	for (size_t i = 0; i < all.n; i++) {
		struct hm_str path = hash_path(s, all.p[i].hash, all.p[i].id);
		const struct repair_node *n = node_at(s, path);
		if (!n || n->type != TAR_SYMLINK || !hm_eq(n->link, all.p[i].name))
			HM_TRY(link_path(s, path, all.p[i].name));
	}
	return NULL;
}

static hm_err write_bundle(struct store *s)
{
	struct shell_effect e = { .type = SHELL_WRITE,
				  .path = HM_STR(CERTS "ca-certificates.crt"),
				  .mode = 0644 };
	const struct repair_node *n = node_at(s, e.path);
	HM_TRY(hm_buf_end(s->sh->cx, &s->bundle, "the certificates", &e.text));
	if (n && n->is_kept && hm_eq(n->content, e.text))
		return NULL;
	return repair_shell_effect(s->sh, &e);
}

/* ------------------------------------------------------------------ the whole */

static bool is_simple(struct store *s)
{
	const struct hm_map *nodes = &s->sh->root->nodes;
	const struct repair_node *conf = node_at(s, HM_STR(CONF));
	const struct repair_node *certs = node_at(s, HM_STR("etc/ssl/certs"));
	const char *why = NULL;
	for (size_t i = 0; i < nodes->n; i++) {
		const struct repair_node *n = nodes->entries[i].value;
		if (!n->is_gone && hm_starts(n->path, HM_STR(HOOKS)))
			why = "programs in /etc/ca-certificates/update.d would run";
	}
	if (!conf || conf->type != TAR_FILE || !conf->is_kept || !certs || certs->type != TAR_DIR)
		why = "there is no /etc/ca-certificates.conf, or no /etc/ssl/certs";
	else if (hm_find(conf->content, HM_STR("\n\n")) != SIZE_MAX)
		why = "/etc/ca-certificates.conf has empty lines";
	if (!trusts_new(s))
		why = "new certificates are not trusted unasked (ca-certificates/trust_new_crts)";
	if (why)
		repair_shell_give_up(s->sh, "%s", why);
	return !why;
}

hm_err repair_script_certificates(struct shell *sh, const struct script_call *c, bool *out_is)
{
	HM_CLEANUP(store_done) struct store s = { .sh = sh, .bundle = HM_BUF(HM_MAX_SCRIPT * 4) };
	*out_is = hm_eqz(c->package, "ca-certificates") && hm_eqz(c->script, "postinst") &&
		  hm_eqz(c->action, "configure");
	if (*out_is)
		HM_TRY(is_known(sh->cx, c->text, out_is));
	if (!*out_is || !is_simple(&s))
		return NULL;
	repair_shell_did(sh, "certificates, as update-ca-certificates does");
	find_names(&s);
	HM_TRY(write_list(&s));
	HM_TRY(read_list(&s));
	HM_TRY(add_local(&s));
	if (s.changed)
		HM_TRY(rehash(&s));
	return write_bundle(&s);
}
