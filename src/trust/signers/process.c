/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys in a process of their own. It is the program itself, started as a worker; it gets the key's
 * descriptor and the PIN's, unread, and then only bytes to sign. It answers with signatures. What
 * it answers is believed no more than what a stranger sends.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>

#include "base/worker_talk.h"
#include "trust/signers/signers.h"

struct process_signer {
	struct crypto_signer base; /* what is handed on */
	struct crypto_chain chain; /* a copy of the signer's; none of a bare key */
	struct crypto_key key;     /* the public one, of a bare key */
	struct hm_worker worker;
	pthread_mutex_t lock; /* one question at a time */
	/* Until its first answer was read, and why that was none. */
	struct trust_process process; /* its key is a descriptor of ours */
	int terminal;                 /* that somebody types at; -1: none */
	bool may_ask, later, bare;
	hm_err fault; /* in `own` */
	struct hm_cx own;
};
_Static_assert(offsetof(struct process_signer, base) == 0, "signer_of() relies on it");

static struct process_signer *signer_of(const struct crypto_signer *self)
{
	return (struct process_signer *)(uintptr_t)self;
}

/* ------------------------------------------------------------------ in the process */

static hm_err reply_open(struct hm_cx *cx, const struct trust_keeper *k, struct hm_buf *out)
{
	CRYPTO_AUTO_KEY key = { 0 };
	CRYPTO_AUTO_CHAIN chain = { 0 };
	struct hm_str der = HM_STR("");
	HM_TRY(k->open(cx, k->self, &key, &chain));
	if (key.pkey)
		HM_TRY(crypto_public_key_der(cx, &key, &der));
	hm_buf_counted(out, der);
	for (size_t i = 0; i < chain.n; i++)
		hm_buf_counted(out, chain.der[i]);
	return NULL;
}

static hm_err sign_question(struct hm_cx *cx, const struct trust_keeper *k, uint64_t kind,
			    struct hm_cur *c, struct hm_str *out)
{
	uint64_t alg = hm_le(c, 1);
	bool by_digest = kind == TRUST_ASK_SIGN_DIGEST && k->sign_digest;
	if ((kind != TRUST_ASK_SIGN && !by_digest) || c->bad || !alg || alg >= CRYPTO_ALGS)
		return hm_fail(cx, HM_INPUT, "a key's process does not answer such a question");
	return (by_digest ? k->sign_digest : k->sign)(cx, k->self, (enum crypto_alg)alg,
						      hm_take_str(c, c->n), out);
}

static hm_err answer_question(struct hm_cx *cx, const struct trust_keeper *k,
			      struct hm_str question, struct hm_buf *out)
{
	struct hm_cur c = hm_cur(question);
	struct hm_str signature;
	uint64_t kind = hm_le(&c, 1);
	if (kind == TRUST_ASK_OPEN)
		return reply_open(cx, k, out);
	HM_TRY(sign_question(cx, k, kind, &c, &signature));
	hm_buf_add(out, signature);
	return NULL;
}

hm_err trust_keeper_serve(struct hm_cx *cx, const struct trust_keeper *k, int in)
{
	for (;;) {
		struct hm_mark mark = hm_mark(cx);
		HM_AUTO_BUF answer = HM_BUF(HM_RECORD_MAX);
		struct hm_str question;
		bool more;
		HM_TRY(hm_worker_hear(cx, in, HM_MAX_ENVELOPE + 2, &question, &more));
		if (!more)
			return NULL;
		hm_err err = answer_question(cx, k, question, &answer);
		HM_TRY(hm_worker_reply(cx, err, hm_buf_str(&answer)));
		hm_release(cx, mark);
	}
}

/* ------------------------------------------------------------------ in the parent */

static hm_err start_process(struct hm_cx *cx, const struct trust_process *p, int pin,
			    struct hm_worker *w)
{
	struct hm_work work = {
		.name = p->job, .args = p->args, .fds_n = HM_WORKER_GIVEN, .as_copy = p->as_copy
	};
	char question = TRUST_ASK_OPEN;
	if (!work.args.n && pin >= 0)
		work.args = HM_STR(TRUST_WITH_PIN);
	if (p->key >= 0 && lseek(p->key, 0, SEEK_SET) < 0) /* one before may have read it */
		return hm_fail_os(cx, "could not read the key");
	work.fds[0] = pin;
	work.fds[1] = p->key;
	HM_TRY(hm_worker_start_with(cx, &work, w));
	hm_err err = hm_worker_question(cx, w, hm_bytes(&question, 1));
	if (err)
		hm_worker_done(w);
	return err;
}

/* With what the URI says of the PIN. A terminal is the process's until it has answered: then it has
 * read what was typed. */
static hm_err start_first(struct hm_cx *cx, struct process_signer *f)
{
	HM_AUTO_FD pin = -1;
	bool prompt;
	HM_TRY(trust_pin_open(cx, f->process.pin, &pin, &prompt));
	if (prompt)
		HM_TRY(trust_pin_ask(cx, f->process.secret, f->process.subject, &f->terminal));
	return start_process(cx, &f->process, prompt ? f->terminal : pin, &f->worker);
}

/* And else with what somebody types. */
static hm_err hear_first(struct hm_cx *cx, struct process_signer *f, struct hm_str *out)
{
	hm_err err = hm_worker_heard(cx, &f->worker, out);
	if (!err || err->code != HM_ABSENT || f->process.pin.n || !f->may_ask)
		return err;
	hm_worker_done(&f->worker);
	HM_TRY(trust_pin_ask(cx, f->process.secret, f->process.subject, &f->terminal));
	HM_TRY(start_process(cx, &f->process, f->terminal, &f->worker));
	return hm_worker_heard(cx, &f->worker, out);
}

hm_err trust_process_read(struct hm_cx *cx, struct hm_str answer, struct hm_str *out_public,
			  struct hm_strs *out_der)
{
	struct hm_strs der = { 0 };
	struct hm_cur c = hm_cur(answer);
	struct hm_str public = hm_take_str(&c, hm_uvarint(&c));
	while (c.n && der.n < HM_MAX_CERTIFICATES)
		*hm_push(cx, &der) = hm_take_str(&c, hm_uvarint(&c));
	if (c.bad || c.n)
		return hm_fail(cx, HM_INPUT, "the answer of the key's process cannot be read");
	*out_public = public;
	*out_der = der;
	return NULL;
}

/* The certificates are taken where `chain` is empty. A bare key needs none. */
static hm_err read_opened(struct hm_cx *cx, struct process_signer *f, struct hm_str answer,
			  struct crypto_chain *chain)
{
	CRYPTO_AUTO_KEY key = { 0 };
	struct hm_str public = HM_STR("");
	struct hm_strs der = { 0 };
	HM_TRY(trust_process_read(cx, answer, &public, &der));
	if (!chain->n && der.n)
		HM_TRY(crypto_chain_from_der(cx, der.p, der.n, chain));
	if (!chain->n && f->bare && public.n)
		return crypto_public_key_own(cx, public, &f->key);
	if (!chain->n)
		return hm_fail(cx, HM_INPUT,
			       "the key comes without certificate; give one with --cert");
	HM_TRY(crypto_chain_key(cx, chain, &key));
	enum crypto_alg alg = key.alg;
	crypto_key_done(&key);
	if (public.n && crypto_public_key_parse(cx, public, alg, &key))
		return hm_fail(cx, HM_INPUT, "the key does not belong to the certificate");
	return public.n ? crypto_key_match(cx, &key, chain) : NULL;
}

/* The first answer, where nobody has waited for it yet. A fault is the same one each time, and says
 * which key it is about, as whoever opened it would have. */
static hm_err wait_for_first(struct hm_cx *cx, struct process_signer *f)
{
	struct hm_str answer;
	if (!f->later)
		return hm_fault_copy(cx, f->fault);
	f->later = false;
	hm_err err = hear_first(cx, f, &answer);
	if (!err)
		err = read_opened(cx, f, answer, &f->chain);
	trust_pin_asked(&f->terminal);
	hm_close_fd(&f->process.key);
	for (size_t i = 0; err && i < HM_LEN(f->process.named); i++)
		if (f->process.named[i].n)
			err = hm_wrap(cx, err, "\"%.*s\"", HM_FMT(f->process.named[i]));
	f->fault = hm_fault_copy(&f->own, err);
	if (err)
		hm_worker_done(&f->worker);
	return err;
}

static hm_err ask_to_sign(struct hm_cx *cx, struct process_signer *f, struct hm_str question,
			  struct hm_str *out)
{
	HM_TRY(wait_for_first(cx, f));
	hm_err err = hm_worker_ask(cx, &f->worker, question, out);
	if (err && err->code == HM_BUSY) /* a late answer would be taken for the next one's */
		hm_worker_done(&f->worker);
	return err;
}

/* The public key, which is known once the process has answered. */
static hm_err find_public(struct hm_cx *cx, const struct process_signer *f, struct crypto_key *out)
{
	return f->key.pkey ? crypto_key_share(cx, &f->key, out)
			   : crypto_chain_key(cx, &f->chain, out);
}

static hm_err ask_for_signature(struct hm_cx *cx, struct process_signer *f,
				enum trust_process_question kind, struct hm_str bytes,
				struct hm_str *out)
{
	HM_AUTO_BUF question = HM_BUF(HM_MAX_ENVELOPE + 2);
	struct hm_str text;
	hm_buf_le(&question, kind, 1);
	hm_buf_le(&question, f->base.alg, 1);
	hm_buf_add(&question, bytes);
	HM_TRY(hm_buf_end(cx, &question, "what is to be signed", &text));
	pthread_mutex_lock(&f->lock);
	hm_err err = ask_to_sign(cx, f, text, out);
	pthread_mutex_unlock(&f->lock);
	return err;
}

static hm_err sign_in_process(struct hm_cx *cx, const struct crypto_signer *self,
			      struct hm_str bytes, struct hm_str *out)
{
	struct process_signer *f = signer_of(self);
	CRYPTO_AUTO_KEY key = { 0 };
	HM_TRY(ask_for_signature(cx, f, TRUST_ASK_SIGN, bytes, out));
	HM_TRY(find_public(cx, f, &key));
	return trust_signature_check(cx, &key, self->alg, bytes, *out);
}

/* Whoever asked holds it against the content. */
static hm_err sign_digest_in_process(struct hm_cx *cx, const struct crypto_signer *self,
				     struct hm_str digest, struct hm_str *out)
{
	return ask_for_signature(cx, signer_of(self), TRUST_ASK_SIGN_DIGEST, digest, out);
}

static hm_err share_leaf_key(struct hm_cx *cx, const struct crypto_signer *self,
			     struct crypto_key *out)
{
	struct process_signer *f = signer_of(self);
	pthread_mutex_lock(&f->lock);
	hm_err err = wait_for_first(cx, f);
	pthread_mutex_unlock(&f->lock);
	HM_TRY(err);
	return find_public(cx, f, out);
}

/* The process has begun. Whoever has the certificates may go on, and wait at first use. */
static hm_err make_signer(struct hm_cx *cx, const struct trust_signer_terms *terms,
			  struct process_signer *f, struct trust_signer *s)
{
	CRYPTO_AUTO_KEY public = { 0 };
	struct hm_str answer;
	f->later = terms && terms->later && s->chain.n && f->terminal < 0;
	if (!f->later) {
		HM_TRY(hear_first(cx, f, &answer));
		HM_TRY(read_opened(cx, f, answer, &s->chain));
	}
	if (s->chain.n)
		HM_TRY(crypto_chain_from_der(cx, s->chain.der, s->chain.n, &f->chain));
	HM_TRY(find_public(cx, f, &public));
	f->base = (struct crypto_signer){ .alg = public.alg,
					  .sign = sign_in_process,
					  .public = share_leaf_key };
	if (f->process.by_digest)
		f->base.sign_digest = sign_digest_in_process;
	s->later = f->later;
	return NULL;
}

/* A descriptor of our own, for a second start. */
static hm_err keep_process(struct hm_cx *cx, const struct trust_process *p,
			   struct process_signer *f)
{
	f->process = *p;
	f->process.key = p->key < 0 ? -1 : fcntl(p->key, F_DUPFD_CLOEXEC, HM_WORKER_FIRST);
	if (p->key >= 0 && f->process.key < 0)
		return hm_fail_os(cx, "could not keep the key open");
	return NULL;
}

hm_err trust_process_begin(struct hm_cx *cx, const struct trust_process *p,
			   const struct trust_signer_terms *terms, const struct crypto_signer **out)
{
	struct process_signer *f = hm_new(cx, struct process_signer, 1);
	f->worker = (struct hm_worker){ .in = -1, .out = -1 };
	f->process.key = f->terminal = -1;
	f->own = HM_CX(HM_MIB);
	f->may_ask = terms && terms->may_ask;
	f->bare = terms && terms->bare;
	pthread_mutex_init(&f->lock, NULL);
	hm_err err = keep_process(cx, p, f);
	if (!err)
		err = start_first(cx, f);
	if (err) {
		trust_process_close(&f->base);
		return err;
	}
	*out = &f->base;
	return NULL;
}

hm_err trust_process_finish(struct hm_cx *cx, const struct crypto_signer *begun,
			    const struct trust_signer_terms *terms, struct trust_signer *s)
{
	struct process_signer *f = signer_of(begun);
	hm_err err = make_signer(cx, terms, f, s);
	trust_pin_asked(&f->terminal);
	if (err) {
		trust_process_close(begun);
		return err;
	}
	if (!f->later)
		hm_close_fd(&f->process.key);
	s->signer = begun;
	s->kind = f->process.kind;
	return NULL;
}

hm_err trust_process_open(struct hm_cx *cx, const struct trust_process *p,
			  const struct trust_signer_terms *terms, struct trust_signer *s)
{
	const struct crypto_signer *begun;
	HM_TRY(trust_process_begin(cx, p, terms, &begun));
	return trust_process_finish(cx, begun, terms, s);
}

void trust_process_leave(const struct crypto_signer *signer)
{
	struct process_signer *f = signer_of(signer);
	pthread_mutex_lock(&f->lock);
	hm_close_fd(&f->worker.in);
	pthread_mutex_unlock(&f->lock);
}

void trust_process_close(const struct crypto_signer *signer)
{
	struct process_signer *f = signer_of(signer);
	trust_pin_asked(&f->terminal);
	hm_worker_done(&f->worker);
	hm_close_fd(&f->process.key);
	pthread_mutex_destroy(&f->lock);
	crypto_chain_done(&f->chain);
	crypto_key_done(&f->key);
	hm_cx_done(&f->own);
}
