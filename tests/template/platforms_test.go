package template_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector/all"
)

// Every platform that has a connector has what it needs in template.yaml. The sentences are for who has just written a
// connector; docs/connectors.md shows what each part looks like.
func TestEveryPlatformIsWired(t *testing.T) {
	t.Parallel()
	tp := load(t)
	for _, info := range all.Infos() {
		t.Run(info.Platform, func(t *testing.T) {
			t.Parallel()
			var publishers []string
			for _, f := range tp.functions() {
				if tp.variable(f, "PLATFORM") == info.Platform {
					publishers = append(publishers, f)
				}
			}
			require.Len(t, publishers, 1, "one function publishes to a platform: copy PublishMetaFunction, say PLATFORM: %s", info.Platform)
			p := wiring{tp: tp, platform: info.Platform, publisher: publishers[0]}
			p.publishes(t)
			p.reaches(t)
			p.isWatched(t)
		})
	}
}

// wiring is one platform's part of the template.
type wiring struct {
	tp                  template
	platform, publisher string
}

// variable reads one of a function's own environment, or of the one that all have.
func (tp template) variable(function, name string) any {
	if v := dig(tp.resources[function], "Properties", "Environment", "Variables", name); v != nil {
		return v
	}
	return dig(tp.globals, "Environment", "Variables", name)
}

func (tp template) referred(t *testing.T, function, name, kind string) string {
	t.Helper()
	id, _ := dig(tp.variable(function, name), "Ref").(string)
	require.NotEmpty(t, id, "%s: the variable %s is missing; it is a !Ref to the platform's own %s", function, name, kind)
	require.Equal(t, kind, tp.resources[id]["Type"], "%s: %s leads to %s", function, name, id)
	return id
}

func (tp template) allows(t *testing.T, function, action, resource string) {
	t.Helper()
	require.True(t, slices.ContainsFunc(tp.grants(t, function), func(g grant) bool { return g.action == action && g.resource == resource }),
		"%s may not %s on %s: add it to its policies or to the managed policy that it refers to, and a row to docs/security.md", function, action, resource)
}

func variables(of any) object {
	v, _ := dig(of, "Environment", "Variables").(object)
	return v
}

func (w wiring) secretVariable() string { return strings.ToUpper(w.platform) + "_SECRET" }

// publishes: the publisher has its queue, the queue its dead letters, and the platform can be switched off.
func (w wiring) publishes(t *testing.T) {
	t.Helper()
	queue, dead := w.tp.referred(t, w.publisher, "QUEUE", "AWS::SQS::Queue"), w.tp.referred(t, w.publisher, "DLQ", "AWS::SQS::Queue")
	require.Equal(t, []any{dead, "Arn"}, list(dig(w.tp.resources[queue], "Properties", "RedrivePolicy", "deadLetterTargetArn", "Fn::GetAtt")), "%s: its dead letters go to %s", queue, dead)
	started := false
	for _, e := range w.tp.events(w.publisher) {
		if slices.Equal(list(dig(e, "Properties", "Queue", "Fn::GetAtt")), []any{queue, "Arn"}) {
			started = true
			require.NotNil(t, dig(e, "Properties", "Enabled", "Fn::If"), "%s: its queue is paused while the platform is switched off", w.publisher)
		}
	}
	require.True(t, started, "%s has no event of the type SQS for %s", w.publisher, queue)
	w.tp.allows(t, w.publisher, "sqs:SendMessage", queue)
	w.tp.allows(t, w.publisher, "sqs:SendMessage", dead)
	require.Contains(t, fmt.Sprint(dig(w.tp.globals, "Environment", "Variables", "PLATFORMS")), w.platform, "Globals: PLATFORMS names the platform, under the condition of its own parameter")
}

// reaches: whoever may use another platform's secret or queue may use this one's.
func (w wiring) reaches(t *testing.T) {
	t.Helper()
	secret := w.tp.referred(t, w.publisher, w.secretVariable(), "AWS::SecretsManager::Secret")
	queue := w.tp.referred(t, w.publisher, "QUEUE", "AWS::SQS::Queue")
	w.tp.allows(t, w.publisher, "secretsmanager:GetSecretValue", secret)
	require.Equal(t, queue, w.tp.referred(t, "SweepFunction", "QUEUE_"+strings.ToUpper(w.platform), "AWS::SQS::Queue"), "Globals: where the platform's jobs go")
	var others []string // queues of other platforms
	for name, v := range variables(w.tp.globals) {
		if id, ok := dig(v, "Ref").(string); ok && strings.HasPrefix(name, "QUEUE_") {
			others = append(others, id)
		}
	}
	for _, f := range w.tp.functions() {
		if w.tp.variable(f, "PLATFORM") != nil {
			continue
		}
		for _, g := range w.tp.grants(t, f) {
			switch {
			case g.action == "secretsmanager:GetSecretValue":
				w.tp.allows(t, f, g.action, secret)
			case g.action == "sqs:SendMessage" && slices.Contains(others, g.resource):
				w.tp.allows(t, f, g.action, queue)
			}
		}
	}
	shown := false
	for _, o := range w.tp.outputs {
		shown = shown || dig(o, "Value", "Ref") == secret
	}
	require.True(t, shown, "Outputs: an operator, and the laptop, must find %s", secret)
}

// isWatched: dead letters wake somebody, and the queues take no message over a plain connection.
func (w wiring) isWatched(t *testing.T) {
	t.Helper()
	queue, dead := w.tp.referred(t, w.publisher, "QUEUE", "AWS::SQS::Queue"), w.tp.referred(t, w.publisher, "DLQ", "AWS::SQS::Queue")
	alarm := slices.ContainsFunc(w.tp.of("AWS::CloudWatch::Alarm"), func(id string) bool {
		return slices.ContainsFunc(list(dig(w.tp.resources[id], "Properties", "Dimensions")), func(d any) bool {
			return slices.Equal(list(dig(d, "Value", "Fn::GetAtt")), []any{dead, "QueueName"})
		})
	})
	require.True(t, alarm, "no alarm looks at %s: copy MetaDLQAlarm", dead)
	var covered []string
	for _, id := range w.tp.of("AWS::SQS::QueuePolicy") {
		for _, q := range list(dig(w.tp.resources[id], "Properties", "Queues")) {
			covered = append(covered, fmt.Sprint(dig(q, "Ref")))
		}
	}
	require.Subset(t, covered, []string{queue, dead}, "QueueTransport names both queues, under Queues and under Resource")
}
