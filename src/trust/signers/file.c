/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that are files: PEM beside certificates in PEM, as Notation has them; and file: with more
 * forms. */
#include <limits.h>
#include <stdlib.h>

#include "trust/signers/cosign_key.h"

static bool is_file(const struct trust_key *k)
{
	return !k->plugin.n && (k->uri.n ? trust_uri_is(k->uri, "file") : k->key_path.n > 0);
}

/* Which process has it, its first line says: Cosign's needs a library that the sandbox would keep
 * out; and one that is encrypted needs ciphers that this process may have done without. */
static void choose_process(int fd, const struct trust_signer_terms *terms, struct trust_process *p)
{
	char head[TRUST_COSIGN_HEAD];
	ssize_t n = pread(fd, head, sizeof(head), 0);
	struct hm_str start = hm_bytes(head, n > 0 ? (size_t)n : 0);
	p->job = trust_cosign_key_is(start) ? TRUST_SEALED_JOB : TRUST_KEY_JOB;
	p->as_copy = terms && terms->fresh && hm_starts(start, HM_STR(TRUST_PLAIN_KEY)) &&
		     crypto_is_fresh();
}

/* The key is opened and not read: it is for its own process. */
static hm_err open_key_file(struct hm_cx *cx, const char *path, struct hm_str uri,
			    struct hm_str pin, const struct trust_signer_terms *terms,
			    struct trust_signer *s)
{
	HM_AUTO_FD fd = -1;
	unsigned mode;
	const struct crypto_signer *begun;
	struct trust_process p = { .kind = &trust_signer_file,
				   .pin = pin,
				   .secret = "passphrase",
				   .subject = hm_say(cx, "\"%s\"", path),
				   .named = { hm_cstr(path), uri },
				   .by_digest = true };
	HM_TRY(hm_secret_open_file(cx, path, HM_MAX_CERTIFICATE_FILE, &fd, &mode));
	p.key = fd;
	choose_process(fd, terms, &p);
	if (p.as_copy) /* what that fills OpenSSL's tables with, the copy has, too */
		HM_TRY(trust_chain_read(cx, s));
	HM_TRY_IN(cx, trust_process_begin(cx, &p, terms, &begun), "\"%s\"", path);
	hm_err err = trust_chain_read(cx, s); /* the process starts meanwhile */
	if (err) {
		trust_process_close(begun);
		return err;
	}
	HM_TRY_IN(cx, trust_process_finish(cx, begun, terms, s), "\"%s\"", path);
	hm_secret_warn(cx, path, mode);
	return NULL;
}

static hm_err open_file(struct hm_cx *cx, const struct trust_key *k,
			const struct trust_signer_terms *terms, struct trust_signer *s)
{
	static const char *const known[] = { "pin-source", NULL };
	struct trust_uri u;
	char found[PATH_MAX];
	if (!k->uri.n)
		return open_key_file(cx, hm_dupz(cx, k->key_path), HM_STR(""), HM_STR(""), terms,
				     s);
	HM_TRY(trust_uri_parse(cx, k->uri, &u));
	HM_TRY(trust_uri_only(cx, &u, known));
	if (u.authority.n && !hm_eqz(u.authority, "localhost"))
		return hm_fail(cx, HM_USAGE,
			       "a file is on this machine: file:PATH or file:///PATH");
	if (!realpath(hm_dupz(cx, u.path), found))
		return hm_fail_os(cx, "could not find \"%.*s\"", HM_FMT(u.path));
	const char *real = hm_dupz(cx, hm_cstr(found));
	struct hm_str query = hm_from(k->uri, u.main.n);
	s->uri = hm_fmt(cx, "file://%s%.*s", trust_uri_path(cx, hm_cstr(real)).p, HM_FMT(query));
	return open_key_file(cx, real, k->uri, trust_uri_get(&u, "pin-source"), terms, s);
}

hm_err trust_signer_new_key(struct hm_cx *cx, struct trust_signer *out)
{
	static const struct trust_signer_terms bare = { .bare = true };
	const struct trust_process p = { .kind = &trust_signer_file,
					 .job = TRUST_KEY_JOB,
					 .args = HM_STR(TRUST_NEW_KEY),
					 .key = -1,
					 .by_digest = true };
	struct trust_signer s = { .name = HM_STR("a key for this signature") };
	HM_TRY(trust_process_open(cx, &p, &bare, &s));
	*out = s;
	return NULL;
}

const struct trust_signer_kind trust_signer_file = { .name = "file",
						     .holds = is_file,
						     .open = open_file,
						     .close = trust_process_close,
						     .reads_chain = true,
						     .leave = trust_process_leave };
