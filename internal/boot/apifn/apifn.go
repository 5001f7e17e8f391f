// Package apifn gives the functions of the API what they have in common.
package apifn

import (
	"time"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
	"github.com/herald-publishing/herald/internal/store"
	"github.com/herald-publishing/herald/internal/tenant"
)

// Config is the same for every function of the API.
func Config(b boot.Base, s *store.Store) api.Config {
	return api.Config{
		Sessions: tenant.Sessions{Store: s, Now: time.Now}, Answers: s, PublicURL: b.Env.PublicURL, Now: time.Now, NewID: boot.NewID, Log: b.Log,
	}
}
