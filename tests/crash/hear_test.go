package crash_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/boot/platform"
	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/webhook"
)

// hear is what the platform's webhooks come to: the receive and process functions' own parts, in this process and not through
// the tap, since it is not they who die here.
func (w *world) hear() http.Handler {
	w.t.Helper()
	set := map[string]string{}
	for _, v := range w.env() {
		name, value, _ := strings.Cut(v, "=")
		set[name] = value
	}
	env, err := boot.Read(func(key string) string { return set[key] })
	require.NoError(w.t, err)
	log := slog.New(slog.DiscardHandler)
	hooks, err := platform.Webhooks(w.t.Context(), boot.Base{Env: env, AWS: w.stack.AWS(), Log: log}, env.Platforms)
	require.NoError(w.t, err)
	applied := &applied{}
	applied.Processor = webhook.Processor{
		Store: w.store, Queue: applied, Now: time.Now, NewID: id, Log: log,
		Posts: &publish.Teller{Store: w.store, Queue: w.queue, Now: time.Now, NewID: id, Log: log},
		Login: func(string, string) (connector.Login, bool) { return connector.Login{}, false },
	}
	door := webhook.Door{Receiver: &webhook.Receiver{Store: w.store, Queue: applied, Meter: applied, Now: time.Now, Log: log}, Platforms: hooks, Log: log}
	return door.Handler()
}

// applied is a queue whose messages are carried out at once.
type applied struct{ webhook.Processor }

func (a *applied) Send(ctx context.Context, all ...webhook.Message) error {
	for _, m := range all {
		if err := a.Run(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (*applied) Dead(context.Context, webhook.Message, string, string) error { return nil }

func (*applied) Unknown(string, int) {}
