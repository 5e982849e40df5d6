/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate.h - admit or deny: the verification pipeline, the Gatekeeper provider and the webhook.
 *
 * The law of the room: any doubt is a denial with a reason. What could not be decided (a registry
 * that throttles or does not answer) is "unknown": not admitted, and worth another try.
 *
 * What an image is judged by is a table of rules (rules/rules.h). Two policies say which of them
 * are asked for. GATE_SIGNED: the digest that was asked for has a signature that the trust policy
 * believes. GATE_EVIDENCE: every platform's manifest behind that digest has an SBOM and a
 * vulnerability report attached, each signed by somebody the trust policy believes; the newest
 * validly signed report counts, and may be bounded in age and in severity, and be asked to say that
 * everything could be read. Where it lists something too severe, VEX documents at the image or its
 * index, signed by somebody the trust policy believes, may say that it does not count.
 *
 * A verdict is keyed by repository and digest, by the hash of trust policy, trust store and the
 * gate's own settings, and by namespace. It ends at the earliest expiry of certificate, signature
 * and report, and after an hour at the latest, so that a revocation or a newer report is seen.
 * Denials live 5 s, tag resolutions 5 s, "unknown" 1 s. Equal requests in flight are answered by
 * one computation. The trust policy is read again every 2 s; one that cannot be read admits
 * nothing. Trust stores that TUF keeps are brought up to date before they are too old; a request
 * that needs one that is waits for one update, as all that need it do, and no longer than it may.
 */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include "advisory/advisory.h"
#include "base/base.h"
#include "http/http.h"
#include "trust/trust.h"

enum gate_policy { /* bits */
		   GATE_SIGNED = 1,
		   GATE_EVIDENCE = 2
};

/* What a rule can be told. Each rule's row has its own (rules/). */
enum gate_value_type {
	GATE_DURATION, /* "720h"; in seconds */
	GATE_SEVERITY, /* "high"; enum advisory_severity */
	GATE_SWITCH,   /* "true" */
	GATE_NAMES,
};
struct gate_parameter {
	const char *key; /* in section "gate" of hullmark.yaml: "maxAge" */
	enum gate_value_type type;
	int64_t otherwise; /* the number where it is not given */
	const char *flag;  /* of `hullmark admit`: "max-age" */
	const char *help;  /* what it does, in both */
};
struct gate_value {
	const struct gate_parameter *parameter;
	int64_t number;
	struct hm_strs names;
};
struct gate_values {
	struct gate_value *p;
	size_t n, cap;
};

/* An answer about one image, as it is given. Texts are good during the call. */
struct gate_decision {
	struct hm_str image;               /* as whoever asks names it */
	struct hm_str digest;              /* "sha256:..."; empty: it could not be resolved */
	struct hm_str namespace, workload; /* "KIND/NAME"; empty: the request names none */
	struct hm_str policy, revision;    /* by what, in words; the hash of all that counts */
	struct hm_str why;                 /* empty where admitted */
	bool admitted, unknown;
};
/* Told of each, before it is given: it must not wait, for it may be on the thread that owns the
 * sockets. */
typedef void gate_decided(void *arg, const struct gate_decision *d);

struct gate_config {
	gate_decided *decided; /* NULL: nobody is told */
	void *decided_arg;
	unsigned policies;         /* 0: both */
	struct gate_values values; /* of parameters that are given, by gate_set() */
	const char *config_dir;
	const char *cache_dir; /* persistent verdicts; NULL: memory only */
	const struct oci_access *access;
	struct trust_patience patience; /* with who knows about revocation */
	struct trust_kept *kept;        /* of what they say; NULL: nothing */
	/* By which trust stores are brought up to date, where TUF keeps them; NULL: they are not.
	 */
	struct http_client *updates;
};

/* One rule looked at. */
struct gate_finding {
	struct hm_str rule; /* its name, as in its row; of evidence that is not there, its kind's */
	bool good, unknown;
	struct hm_str detail; /* evidence digest, identity, or why not */
	struct hm_str remedy; /* the command that puts it right; empty where it is good */
};

/* One piece of evidence or signature looked at: an entry of the provider's verifierReports. */
struct gate_report {
	struct hm_str type; /* "notation", "cosign", "slsa", "sbom", "vulnerabilityreport" */
	struct hm_str artifact_type, digest, subject, message;
	struct hm_str identity, issuer; /* of a signature */
	struct hm_str created;          /* of a vulnerability report; RFC 3339 */
	struct hm_str creation;         /* of an SBOM: its "creationInfo", JSON */
	struct hm_str policy;           /* of a signature: the statement that applied */
	struct hm_str predicate;        /* of an attestation: its type */
	struct hm_str builder;          /* of a SLSA provenance that is believed */
	struct hm_str level;            /* of a SLSA summary that is believed: its build level */
	bool is_signature;
	bool is_key; /* of a signature: identity is a key, issuer its trust store */
	bool in_log; /* of a signature: a transparency log has it */
	bool good;
	struct gate_report *nested; /* signatures of this evidence */
	size_t nested_n;
};

struct gate_verdict {
	bool admitted;
	bool unknown;                /* could not be decided: not admitted, try again */
	struct hm_str image, digest; /* normalised reference; what it resolves to */
	struct gate_finding *findings;
	size_t findings_n;
	struct gate_report *reports;
	size_t reports_n;
	size_t platforms;      /* manifests whose evidence was looked at */
	struct hm_str why;     /* one sentence: image, rule, remedy; empty where admitted */
	int64_t valid_until;   /* wall time when a verdict of yes must be made anew */
	int64_t made;          /* wall time when it was decided */
	struct hm_str request; /* for which it was decided: the request's identifier */
	size_t severities[ADVISORY_SEVERITIES]; /* of the reports that counted, summed */
};

/* The parameters of all rules, each once. */
size_t gate_parameters(struct hm_cx *cx, const struct gate_parameter ***out);
/* Give one its value, as people write it: one word, or names. They are borrowed. HM_INPUT: no rule
 * has it, or the word is not of its type; says what it should be. */
HM_MUST hm_err gate_set(struct hm_cx *cx, struct gate_config *c, const char *key,
			const struct hm_strs *words);

struct gate;
/* Lives in cx. HM_ABSENT, HM_INPUT: there is no valid trust policy. */
HM_MUST hm_err gate_open(struct hm_cx *cx, const struct gate_config *config, struct gate **out);
/* Ends its thread and writes the persistent verdicts. NULL is allowed. */
void gate_close(struct gate *g);

/* Decide about one image, past the cache. Never a fault for a bad image: that is a verdict. */
HM_MUST hm_err gate_decide(struct hm_cx *cx, struct gate *g, struct hm_str image,
			   struct hm_str namespace, struct gate_verdict *out);
/* The verdict as those who keep decisions are told it, but for what is asked about: image,
 * namespace and workload are the caller's. */
void gate_decision_of(struct hm_cx *cx, struct gate *g, const struct gate_verdict *v,
		      struct gate_decision *out);

/* Is this namespace exempt, so that the gate admits whatever runs in it? */
bool gate_is_exempt(const struct gate *g, struct hm_str namespace);

/*
 * Images that a Kubernetes object runs, as written, each once: containers, init and ephemeral
 * containers and image volumes of a Pod, of every kind that has a pod template, and of lists of
 * them. Other kinds have none. HM_INPUT: not what the kind should look like; HM_LIMIT:
 * HM_MAX_POD_CONTAINERS.
 */
HM_MUST hm_err gate_images(struct hm_cx *cx, struct json object, struct hm_strs *out,
			   struct hm_str *out_namespace);
/* "Deployment/web"; of a pod that gets its name later the beginning of that. */
struct hm_str gate_workload(struct hm_cx *cx, struct json object);

/* POST /ratify/gatekeeper/v1/verify, /ratify/gatekeeper/v1/mutate, /admit. Starts the gate's
 * thread; ended by a row without prefix. */
const struct http_route *gate_routes(struct gate *g);
/* Is there a valid trust policy? If not: why, in memory of cx. From any thread. */
bool gate_is_ready(struct hm_cx *cx, struct gate *g, struct hm_str *out_why);
/* All that was counted, in Prometheus' text format; names begin with hullmark_gate_. From any
 * thread. */
void gate_put_metrics(struct gate *g, struct hm_buf *out);

/* The same without a socket, for tests and fuzzing: a request body in, the answer's body out.
 * HM_INPUT, HM_LIMIT: the request is not what it should be. */
HM_MUST hm_err gate_provider_verify(struct hm_cx *cx, struct gate *g, struct hm_str body,
				    struct hm_buf *out);
HM_MUST hm_err gate_provider_mutate(struct hm_cx *cx, struct gate *g, struct hm_str body,
				    struct hm_buf *out);
HM_MUST hm_err gate_admit(struct hm_cx *cx, struct gate *g, struct hm_str body, struct hm_buf *out);
/* True, and the whole answer written, only where every key of the request has a good verdict at
 * hand: never waits, so that it may run on the thread that owns the sockets. */
bool gate_provider_fast(struct hm_cx *cx, struct gate *g, struct hm_str body, struct hm_buf *out);
/* The same for a review: where it needs no verdict, or all that it needs are at hand, good or bad.
 */
bool gate_admit_fast(struct hm_cx *cx, struct gate *g, struct hm_str body, struct hm_buf *out);
/* A Go duration ("10s", "1m30s", "2.5s") in nanoseconds, 30 s at the most; 0: it is not a duration.
 */
int64_t gate_timeout_parse(struct hm_str s);
/* How many workers its server needs: some registries may hang. */
unsigned gate_workers(void);

#endif
