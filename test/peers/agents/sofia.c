/*
 * Sofia-SIP (the stack of FreeSWITCH and others) as a user agent and server over mutual TLS.
 *
 * Settings come as name=value arguments. With `steps` it does them one after the other, and ends with 0 when each had the
 * answer that it should have; without, it answers whatever comes: `busy`, `slow` and `hangup` are users of a kind of their own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct agent agent;
typedef struct nobody nobody;
#define NUA_MAGIC_T agent
#define NUA_HMAGIC_T nobody
#define SU_ROOT_MAGIC_T agent
#include <sofia-sip/nua.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/tport_tag.h>

#define SDP "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
#define PIDF                                                                                       \
	"<?xml version=\"1.0\"?>\r\n<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"pres:a\">"    \
	"<tuple id=\"a\"><status><basic>open</basic></status></tuple></presence>\r\n"
#define CPIM                                                                                       \
	"From: <im:peer>\r\nTo: <im:agent>\r\nNS: imdn <urn:ietf:params:imdn>\r\n"                         \
	"imdn.Message-ID: 34jk324j\r\n\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
#define METHODS "INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, SUBSCRIBE, NOTIFY, INFO, UPDATE, PRACK, REFER"
#define BETWEEN_STEPS_MS 20

struct agent {
	su_root_t *root;
	nua_t *nua;
	char const *peer;
	char *step;
	int asks, failed, answered, notified;
	nua_handle_t *call, *watch;
};

static nua_handle_t *to(agent *self, char const *user)
{
	char uri[200];
	snprintf(uri, sizeof uri, "sip:%s%s%s", user, *user ? "@" : "", self->peer);
	return nua_handle(self->nua, NULL, SIPTAG_TO_STR(uri), TAG_END());
}

static int is(agent *self, char const *step) { return self->step && !strcmp(self->step, step); }

static void begin(agent *self, su_timer_t *timer, su_timer_arg_t *none)
{
	char const *user = self->step && !strncmp(self->step, "call-", 5) ? self->step + 5 : "agent";
	(void)timer, (void)none;
	self->answered = self->notified = 0;
	if (self->step == NULL) nua_shutdown(self->nua);
	else if (is(self, "options-edge")) nua_options(to(self, ""), TAG_END());
	else if (is(self, "options")) nua_options(to(self, user), TAG_END());
	else if (is(self, "message"))
		nua_message(to(self, user), SIPTAG_CONTENT_TYPE_STR("message/cpim"), SIPTAG_PAYLOAD_STR(CPIM), TAG_END());
	else if (is(self, "subscribe"))
		nua_subscribe(self->watch = to(self, user), SIPTAG_EVENT_STR("presence"), SIPTAG_EXPIRES_STR("600"), TAG_END());
	else if (is(self, "refresh"))
		nua_subscribe(self->watch, SIPTAG_EVENT_STR("presence"), SIPTAG_EXPIRES_STR("500"), TAG_END());
	else if (is(self, "unsubscribe")) nua_unsubscribe(self->watch, TAG_END());
	else if (!strncmp(self->step, "call", 4))
		nua_invite(self->call = to(self, user), SOATAG_USER_SDP_STR(SDP), TAG_END());
	else if (is(self, "info"))
		nua_info(self->call, SIPTAG_CONTENT_TYPE_STR("application/dtmf-relay"), SIPTAG_PAYLOAD_STR("Signal=5\r\n"), TAG_END());
	else if (is(self, "update")) nua_update(self->call, TAG_END());
	else if (is(self, "hold")) nua_invite(self->call, SOATAG_HOLD("audio"), TAG_END());
	else if (is(self, "refer")) nua_refer(self->call, SIPTAG_REFER_TO_STR("<sip:other@elsewhere.example>"), TAG_END());
	else if (is(self, "bye")) nua_bye(self->call, TAG_END());
	else if (!is(self, "wait-bye") && !is(self, "wait-options")) exit(2);
}

static void finish(agent *self, int status, int wanted)
{
	printf("STEP %s: %d%s\n", self->step, status, status == wanted ? "" : " IS WRONG");
	fflush(stdout);
	if (status != wanted) self->failed++;
	self->step = strtok(NULL, ",");
	su_timer_set(su_timer_create(su_root_task(self->root), BETWEEN_STEPS_MS), begin, NULL);
}

/* What the one who asks hears. A subscription begins, and a REFER ends, with a NOTIFY, which may overtake the answer (RFC 6665 §4.1.2.4). */
static void heard(agent *self, nua_event_t event, int status, nua_handle_t *handle)
{
	int wanted = is(self, "call-busy") ? 486 : is(self, "call-slow") ? 487 : 200;
	int isNotified = is(self, "subscribe") || is(self, "refresh") || is(self, "refer");
	switch (event) {
	case nua_r_invite:
		if (status == 180 && is(self, "call-slow")) nua_cancel(handle, TAG_END());
		else if (status >= 200) finish(self, status, wanted);
		break;
	case nua_r_subscribe:
	case nua_r_refer:
		if (!isNotified || status < 200) break;
		self->answered = 1;
		if (status >= 300 || self->notified) finish(self, status < 300 ? 200 : status, 200);
		break;
	case nua_i_notify:
		self->notified = 1;
		if ((isNotified && self->answered) || is(self, "unsubscribe")) finish(self, 200, 200);
		break;
	case nua_i_bye:
		if (is(self, "wait-bye")) finish(self, 200, 200);
		break;
	case nua_i_options:
		if (is(self, "wait-options")) finish(self, 200, 200);
		break;
	case nua_r_options: case nua_r_message: case nua_r_info: case nua_r_update: case nua_r_bye:
		if (status >= 200) finish(self, status, 200);
		break;
	default:
		break;
	}
}

static void serve(agent *self, nua_event_t event, nua_handle_t *handle, sip_t const *sip, tagi_t tags[])
{
	char const *user = sip && sip->sip_to && sip->sip_to->a_url->url_user ? sip->sip_to->a_url->url_user : "";
	sip_event_t const *referred = NULL;
	int ends = sip && sip->sip_expires && sip->sip_expires->ex_delta == 0;
	switch (event) {
	case nua_i_invite:
		if (sip->sip_to->a_tag) break;
		if (!strcmp(user, "busy")) { nua_respond(handle, SIP_486_BUSY_HERE, TAG_END()); break; }
		nua_respond(handle, SIP_180_RINGING, TAG_END());
		if (strcmp(user, "slow")) nua_respond(handle, SIP_200_OK, SOATAG_USER_SDP_STR(SDP), TAG_END());
		break;
	case nua_i_ack:
		if (!strcmp(user, "hangup")) nua_bye(handle, TAG_END());
		break;
	case nua_i_subscribe:
		nua_respond(handle, SIP_200_OK, NUTAG_WITH_THIS(self->nua), SIPTAG_EXPIRES(sip->sip_expires), TAG_END());
		nua_notify(handle, NUTAG_SUBSTATE(ends ? nua_substate_terminated : nua_substate_active),
			SIPTAG_EVENT_STR("presence"), SIPTAG_CONTENT_TYPE_STR("application/pidf+xml"),
			SIPTAG_PAYLOAD_STR(PIDF), TAG_END());
		break;
	case nua_i_refer:
		tl_gets(tags, NUTAG_REFER_EVENT_REF(referred), TAG_END());
		nua_respond(handle, SIP_202_ACCEPTED, NUTAG_WITH_THIS(self->nua), TAG_END());
		nua_notify(handle, NUTAG_SUBSTATE(nua_substate_terminated), SIPTAG_EVENT(referred),
			SIPTAG_CONTENT_TYPE_STR("message/sipfrag"), SIPTAG_PAYLOAD_STR("SIP/2.0 200 OK\r\n"), TAG_END());
		break;
	default:
		break;
	}
}

static void happened(nua_event_t event, int status, char const *phrase, nua_t *nua, agent *self,
	nua_handle_t *handle, nobody *none, sip_t const *sip, tagi_t tags[])
{
	(void)phrase, (void)nua, (void)none;
	if (event == nua_r_shutdown && status >= 200) su_root_break(self->root);
	else if (self->asks) heard(self, event, status, handle);
	else serve(self, event, handle, sip, tags);
}

static char *setting(int count, char **arguments, char const *name)
{
	size_t length = strlen(name);
	for (int i = 1; i < count; i++)
		if (!strncmp(arguments[i], name, length) && arguments[i][length] == '=') return arguments[i] + length + 1;
	return NULL;
}

int main(int count, char **arguments)
{
	agent self[1] = {{0}};
	char *host = setting(count, arguments, "host"), *steps = setting(count, arguments, "steps");
	char tls[100], tcp[100], from[200], proxy[100];
	snprintf(tls, sizeof tls, "sips:%s:%s;transport=tls", host, setting(count, arguments, "port"));
	/* It has no TLS without another transport, which nobody uses. */
	snprintf(tcp, sizeof tcp, "sip:%s:*;transport=tcp", host);
	snprintf(from, sizeof from, "\"Peer\" <sip:%s@%s>", steps ? "peer" : "agent", setting(count, arguments, "domain"));
	snprintf(proxy, sizeof proxy, "sip:%s;transport=tls", setting(count, arguments, "edge"));
	self->peer = setting(count, arguments, "peer");
	su_init();
	self->root = su_root_create(self);
	self->nua = nua_create(self->root, happened, self,
		NUTAG_URL(tcp), NUTAG_SIPS_URL(tls), NUTAG_PROXY(proxy), SIPTAG_FROM_STR(from),
		NUTAG_CERTIFICATE_DIR(setting(count, arguments, "certificates")),
		TPTAG_TLS_VERIFY_POLICY(TPTLS_VERIFY_IN | TPTLS_VERIFY_OUT),
		NUTAG_INSTANCE("urn:uuid:6dbd9f46-0d4c-4b83-a6a5-2f6d4e6f9d10"),
		NUTAG_ALLOW(METHODS), NUTAG_ALLOW_EVENTS("presence"), NUTAG_APPL_METHOD("INVITE"),
		SIPTAG_SUPPORTED_STR("timer, 100rel, replaces, path, outbound, gruu"),
		NUTAG_SESSION_TIMER(120), NUTAG_MIN_SE(90), NUTAG_EARLY_MEDIA(1), NUTAG_AUTOALERT(0),
		TPTAG_KEEPALIVE(1000), TPTAG_PINGPONG(2000), TPTAG_PONG2PING(1), TAG_NULL());
	if (self->nua == NULL) return 3;
	printf("READY\n");
	fflush(stdout);
	self->asks = steps != NULL;
	if (self->asks) {
		self->step = strtok(steps, ",");
		su_timer_set(su_timer_create(su_root_task(self->root), BETWEEN_STEPS_MS), begin, NULL);
	}
	su_root_run(self->root);
	return self->failed ? 1 : 0;
}
