/* SPDX-License-Identifier: Apache-2.0 */
/* Signers whose key a service has: what is the same for all of them. */
#include "trust/signers/service.h"

#include <stddef.h>

/* A question, its retries and the credential before it take no longer; its memory. */
enum { PATIENCE_SECONDS = 60, QUESTION_MEMORY = 16 * 1024 * 1024 };
_Static_assert(offsetof(struct trust_service_signer, base) == 0, "signer_of() relies on it");

static struct trust_service_signer *signer_of(const struct crypto_signer *self)
{
	return (struct trust_service_signer *)(uintptr_t)self;
}

void trust_credential_done(struct trust_credential *c)
{
	hm_secret_done(&c->id);
	hm_secret_done(&c->secret);
	hm_secret_done(&c->token);
	*c = (struct trust_credential){ 0 };
}

/* Memory of secrets, and a deadline. */
static struct hm_cx question_cx(const struct hm_cx *cx)
{
	struct hm_cx own = hm_secret_cx(cx, QUESTION_MEMORY);
	int64_t latest = hm_mono() + PATIENCE_SECONDS * HM_SECOND;
	if (!own.deadline || latest < own.deadline)
		own.deadline = latest;
	return own;
}

static struct trust_credential copy_credential(const struct trust_credential *c)
{
	return (struct trust_credential){ hm_secret_of(hm_secret_str(&c->id)),
					  hm_secret_of(hm_secret_str(&c->secret)),
					  hm_secret_of(hm_secret_str(&c->token)), c->until };
}

/* One for all that this signer signs, as long as it is good. */
static hm_err take_credential(struct hm_cx *own, struct trust_service_signer *s,
			      struct trust_credential *out)
{
	struct trust_credential *kept = &s->credential;
	hm_err err = NULL;
	pthread_mutex_lock(&s->lock);
	bool there = kept->id.bytes.n || kept->secret.bytes.n || kept->token.bytes.n;
	if (!there || (kept->until && kept->until <= hm_now())) {
		trust_credential_done(kept);
		err = s->service->log_in(own, s, kept);
	}
	if (!err)
		*out = copy_credential(kept);
	pthread_mutex_unlock(&s->lock);
	return err;
}

/* Of a fault within question_cx()'s memory, one that outlives it. */
static hm_err explain_fault(struct hm_cx *cx, const struct hm_cx *own, hm_err err)
{
	bool late = err->code == HM_BUSY && own->deadline && hm_mono() >= own->deadline;
	if (!late || own->deadline == cx->deadline)
		return hm_fault_copy(cx, err);
	return hm_hint(cx,
		       hm_fail(cx, HM_BUSY,
			       "the service gave no whole answer within %d seconds; nothing was "
			       "signed",
			       PATIENCE_SECONDS),
		       "the same again later, and see whether the service is well and the network "
		       "leads to it");
}

static hm_err sign_once(struct hm_cx *own, struct trust_service_signer *s, struct hm_str bytes,
			struct hm_str *out)
{
	HM_CLEANUP(trust_credential_done) struct trust_credential c = { 0 };
	HM_TRY(take_credential(own, s, &c));
	return s->service->sign(own, s, &c, bytes, out);
}

static hm_err share_leaf_key(struct hm_cx *cx, const struct crypto_signer *self,
			     struct crypto_key *out)
{
	const struct trust_service_signer *s = signer_of(self);
	return s->key.pkey ? crypto_key_share(cx, &s->key, out)
			   : crypto_chain_key(cx, &s->chain, out);
}

static hm_err sign_by_service(struct hm_cx *cx, const struct crypto_signer *self,
			      struct hm_str bytes, struct hm_str *out)
{
	struct trust_service_signer *s = signer_of(self);
	HM_AUTO_CX own = question_cx(cx);
	struct hm_str signature;
	hm_err err = sign_once(&own, s, bytes, &signature);
	if (err)
		return explain_fault(cx, &own, err);
	CRYPTO_AUTO_KEY key = { 0 };
	*out = hm_dup(cx, signature);
	HM_TRY(share_leaf_key(cx, self, &key));
	return trust_signature_check(cx, &key, self->alg, bytes, *out);
}

static hm_err find_in_service(struct hm_cx *cx, struct trust_service_signer *f,
			      struct trust_signer *s)
{
	HM_AUTO_CX own = question_cx(cx);
	HM_CLEANUP(trust_credential_done) struct trust_credential c = { 0 };
	CRYPTO_AUTO_CHAIN found = { 0 };
	struct hm_str uri = s->uri;
	hm_err err = take_credential(&own, f, &c);
	if (!err)
		err = f->service->find(&own, f, &c, &found, &uri);
	if (err)
		return explain_fault(cx, &own, err);
	s->uri = hm_dup(cx, uri);
	if (found.n)
		HM_TRY(crypto_chain_from_der(cx, found.der, found.n, &s->chain));
	return trust_uri_parse(cx, s->uri, &f->uri);
}

hm_err trust_need_public(struct hm_cx *cx, struct json v, const char *member, struct hm_str *out)
{
	*out = json_str(json_get(v, member));
	return out->n ? NULL : hm_fail(cx, HM_INPUT, "the answer has no public key");
}

/* Of a key without certificate: the service's word is all there is. */
static hm_err ask_for_public(struct hm_cx *cx, struct trust_service_signer *f)
{
	HM_AUTO_CX own = question_cx(cx);
	HM_CLEANUP(trust_credential_done) struct trust_credential c = { 0 };
	CRYPTO_AUTO_KEY key = { 0 };
	struct hm_str text = HM_STR(""), der;
	hm_err err = take_credential(&own, f, &c);
	if (!err)
		err = f->service->public(&own, f, &c, &text);
	if (err)
		return explain_fault(cx, &own, err);
	HM_TRY_IN(cx, crypto_public_key_any(cx, text, &key), "the service's public key");
	HM_TRY(crypto_public_key_der(cx, &key, &der));
	return crypto_public_key_own(cx, der, &f->key);
}

/* Who we are by TLS, as the service's own tools are told. */
static hm_err find_client(struct hm_cx *cx, const struct trust_service *service,
			  struct http_config *http)
{
	for (size_t i = 0; i < HM_LEN(service->client) && !http->cert_file; i++) {
		const char *const *names = service->client[i];
		const char *cert = names[0] ? trust_environment_path(names[0]) : NULL;
		const char *key = names[0] ? trust_environment_path(names[1]) : NULL;
		if (!cert != !key)
			return hm_fail(cx, HM_USAGE, "$%s and $%s must be set together", names[0],
				       names[1]);
		http->cert_file = cert;
		http->key_file = key;
	}
	return NULL;
}

static hm_err set_up(struct hm_cx *cx, struct trust_service_signer *f,
		     const struct trust_signer_terms *terms, struct trust_signer *s)
{
	CRYPTO_AUTO_KEY leaf = { 0 };
	struct http_config http = *terms->http;
	for (size_t i = 0; i < HM_LEN(f->service->ca) && !http.ca_file; i++)
		if (f->service->ca[i])
			http.ca_file = trust_environment_path(f->service->ca[i]);
	HM_TRY(find_client(cx, f->service, &http));
	HM_TRY(http_client_open(cx, &http, &f->http));
	if (!s->chain.n && f->service->find)
		HM_TRY(find_in_service(cx, f, s));
	if (!s->chain.n && !terms->bare)
		return hm_fail(cx, HM_INPUT,
			       "the key comes without certificate; give one with --cert");
	if (!s->chain.n)
		HM_TRY(ask_for_public(cx, f));
	else
		HM_TRY(crypto_chain_from_der(cx, s->chain.der, s->chain.n, &f->chain));
	HM_TRY(share_leaf_key(cx, &f->base, &leaf));
	f->base = (struct crypto_signer){ leaf.alg, sign_by_service, share_leaf_key };
	return NULL;
}

hm_err trust_service_open(struct hm_cx *cx, const struct trust_service *service,
			  const struct trust_key *k, const struct trust_signer_terms *terms,
			  struct trust_signer *s)
{
	struct trust_service_signer *f = hm_new(cx, struct trust_service_signer, 1);
	f->service = service;
	HM_TRY(trust_uri_parse(cx, k->uri, &f->uri));
	HM_TRY(trust_uri_only(cx, &f->uri, service->known));
	HM_TRY(service->check(cx, &f->uri));
	if (!terms || !terms->http)
		return hm_fail(cx, HM_USAGE, "this command cannot use keys of key services");
	pthread_mutex_init(&f->lock, NULL);
	hm_err err = set_up(cx, f, terms, s);
	if (err) {
		trust_service_close(&f->base);
		return err;
	}
	s->signer = &f->base;
	s->kind = service->kind;
	return NULL;
}

void trust_service_close(const struct crypto_signer *signer)
{
	struct trust_service_signer *f = signer_of(signer);
	trust_credential_done(&f->credential);
	http_client_close(f->http);
	pthread_mutex_destroy(&f->lock);
	crypto_chain_done(&f->chain);
	crypto_key_done(&f->key);
}
