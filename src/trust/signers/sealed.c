/* SPDX-License-Identifier: Apache-2.0 */
/* Cosign's key files are made, and opened, in a process of their own, which loads libsodium. */
#include <stdlib.h>

#include "base/worker_talk.h"
#include "codec/base64.h"
#include "trust/signers/cosign_key.h"
#include "trust/trust.h"

enum { JOB_MEMORY = 16 * 1024 * 1024 };

/* ------------------------------------------------------------------ in the process */

/* That of the descriptor, else Cosign's own variable, which may be empty. */
static hm_err find_passphrase(struct hm_cx *cx, bool given, struct hm_secret *out)
{
	const char *value = getenv("COSIGN_PASSWORD");
	if (given)
		return trust_pin_read(cx, TRUST_PIN_FD, out);
	if (!value)
		return hm_fail(cx, HM_ABSENT, "the key is encrypted, and needs a passphrase");
	*out = hm_secret_of(hm_cstr(value));
	return NULL;
}

static hm_err open_sealed(struct hm_cx *own, struct hm_str text, bool given, struct crypto_key *out)
{
	HM_AUTO_SECRET passphrase = { 0 };
	CRYPTO_AUTO_CHAIN none = { 0 };
	struct hm_str der;
	HM_TRY(find_passphrase(own, given, &passphrase));
	HM_TRY(trust_cosign_key_open(own, text, hm_secret_str(&passphrase), &der));
	return crypto_key_open(own, der, NULL, out, &none);
}

hm_err trust_sealed_open(struct hm_cx *cx, struct hm_str text, bool given, struct crypto_key *out)
{
	HM_AUTO_CX own = hm_secret_cx(cx, JOB_MEMORY);
	return hm_fault_copy(cx, open_sealed(&own, text, given, out));
}

/* The bytes between the lines of PEM. */
static hm_err der_of(struct hm_cx *own, const struct crypto_key *k, struct hm_str *out)
{
	HM_AUTO_SECRET pem = { 0 };
	HM_AUTO_SECRET joined = HM_SECRET(HM_MAX_CERTIFICATE_FILE);
	HM_TRY(crypto_key_pem(own, k, &pem));
	for (struct hm_str rest = hm_secret_str(&pem); rest.n;) {
		struct hm_str line = hm_line(&rest);
		if (!hm_starts(line, HM_STR("-----")))
			hm_buf_add(&joined.bytes, line);
	}
	return base64_parse(own, BASE64_STD, hm_secret_str(&joined), out);
}

/* The sealed file and the public key; or the key itself, in PEM. */
static hm_err write_made(struct hm_cx *own, const struct crypto_key *k, bool given,
			 struct hm_buf *out)
{
	HM_AUTO_SECRET passphrase = { 0 };
	struct hm_str der, text, public;
	HM_TRY(find_passphrase(own, given, &passphrase));
	HM_TRY(der_of(own, k, &der));
	HM_TRY(trust_cosign_key_seal(own, der, hm_secret_str(&passphrase), &text));
	HM_TRY(crypto_public_key_der(own, k, &public));
	hm_buf_counted(out, text);
	hm_buf_counted(out, public);
	return NULL;
}

static hm_err read_plain(struct hm_cx *own, struct crypto_key *out)
{
	HM_AUTO_SECRET bytes = { 0 };
	CRYPTO_AUTO_CHAIN chain = { 0 };
	HM_TRY(hm_secret_read_fd(own, TRUST_KEY_FD, "key", HM_MAX_CERTIFICATE_FILE, &bytes));
	if (!trust_cosign_key_is(hm_secret_str(&bytes)))
		return crypto_key_open(own, hm_secret_str(&bytes), NULL, out, &chain);
	return hm_fail(own, HM_INPUT, "the key is in one of Cosign's key files already");
}

static hm_err export_key(struct hm_cx *own, bool given, struct hm_buf *out)
{
	HM_AUTO_SECRET bytes = { 0 };
	HM_AUTO_SECRET pem = { 0 };
	CRYPTO_AUTO_KEY key = { 0 };
	HM_TRY(hm_secret_read_fd(own, TRUST_KEY_FD, "key", HM_MAX_CERTIFICATE_FILE, &bytes));
	if (!trust_cosign_key_is(hm_secret_str(&bytes)))
		return hm_fail(own, HM_INPUT, "it is not one of Cosign's key files");
	HM_TRY(open_sealed(own, hm_secret_str(&bytes), given, &key));
	HM_TRY(crypto_key_pem(own, &key, &pem));
	hm_buf_add(out, hm_secret_str(&pem));
	return NULL;
}

static hm_err do_making(struct hm_cx *own, char what, bool given, struct hm_buf *out)
{
	CRYPTO_AUTO_KEY key = { 0 };
	if (what == TRUST_EXPORT)
		return export_key(own, given, out);
	HM_TRY(what == TRUST_IMPORT ? read_plain(own, &key)
				    : crypto_key_generate(own, CRYPTO_ES256, &key));
	return write_made(own, &key, given, out);
}

/* `args` is what is done, and TRUST_WITH_PIN behind it where there is one. */
hm_err trust_making_job(struct hm_cx *cx, struct hm_str args, int in)
{
	struct hm_str question;
	bool more;
	HM_TRY(hm_worker_hear(cx, in, 1, &question, &more));
	if (!more)
		return NULL;
	HM_AUTO_CX own = hm_secret_cx(cx, JOB_MEMORY);
	HM_AUTO_BUF answer = { .max = HM_MAX_CERTIFICATE_FILE, .secret = true };
	hm_err err = do_making(&own, args.p[0], hm_eqz(hm_from(args, 1), TRUST_WITH_PIN), &answer);
	return hm_worker_reply(&own, err, hm_buf_str(&answer));
}

/* ------------------------------------------------------------------ in the parent */

static hm_err ask_job(struct hm_cx *cx, const struct trust_making *m, int key, int pin,
		      struct hm_str *out)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_work work = { .name = TRUST_SEALED_JOB,
				.args = hm_fmt(cx, "%c%s", m->what, pin >= 0 ? TRUST_WITH_PIN : ""),
				.fds_n = HM_WORKER_GIVEN };
	if (key >= 0 && lseek(key, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not read the key");
	work.fds[TRUST_PIN_FD - HM_WORKER_FIRST] = pin;
	work.fds[TRUST_KEY_FD - HM_WORKER_FIRST] = key;
	HM_TRY(hm_worker_start_with(cx, &work, &w));
	return hm_worker_ask(cx, &w, HM_STR("?"), out);
}

static hm_err ask_with_pin(struct hm_cx *cx, const struct trust_making *m, int key,
			   struct hm_str *out)
{
	HM_AUTO_FD pin = -1;
	int terminal = -1;
	bool prompt;
	struct hm_str of = m->from ? hm_say(cx, "\"%s\"", m->from) : HM_STR("the new key");
	HM_TRY(trust_pin_open(cx, m->pin, &pin, &prompt));
	hm_err err = prompt ? NULL : ask_job(cx, m, key, pin, out);
	if (!prompt && (!err || err->code != HM_ABSENT || m->pin.n || !m->may_ask))
		return err;
	HM_TRY(trust_pin_ask(cx, "passphrase", of, &terminal));
	err = ask_job(cx, m, key, terminal, out);
	trust_pin_asked(&terminal);
	return err;
}

static hm_err make(struct hm_cx *cx, const struct trust_making *m, struct hm_str *out)
{
	HM_AUTO_FD key = -1;
	unsigned mode = 0;
	if (m->from)
		HM_TRY(hm_secret_open_file(cx, m->from, HM_MAX_CERTIFICATE_FILE, &key, &mode));
	HM_TRY(ask_with_pin(cx, m, key, out));
	if (m->from)
		hm_secret_warn(cx, m->from, mode);
	return NULL;
}

hm_err trust_key_make(struct hm_cx *cx, const struct trust_making *m, struct hm_str *out_private,
		      struct hm_str *out_public)
{
	struct hm_str answer;
	if (m->from)
		HM_TRY_IN(cx, make(cx, m, &answer), "\"%s\"", m->from);
	else
		HM_TRY(make(cx, m, &answer));
	struct hm_cur c = hm_cur(answer);
	*out_private = hm_take_str(&c, hm_uvarint(&c));
	*out_public = hm_take_str(&c, hm_uvarint(&c));
	return c.bad || c.n ? hm_fail(cx, HM_INPUT,
				      "the key's process gave an answer that cannot be read")
			    : NULL;
}

hm_err trust_key_export(struct hm_cx *cx, const struct trust_making *m, struct hm_secret *out)
{
	HM_AUTO_CX own = hm_secret_cx(cx, JOB_MEMORY);
	struct hm_str pem;
	hm_err err = make(&own, m, &pem);
	if (err)
		return hm_wrap(cx, hm_fault_copy(cx, err), "\"%s\"", m->from);
	*out = hm_secret_of(pem);
	return NULL;
}
