package connection

import (
	"context"

	"github.com/herald-publishing/herald/internal/problem"
)

// Pause stops publishing to an account that works; its token is kept alive. name is whom the reason names. Doing it
// twice is a success.
func (s *Service) Pause(ctx context.Context, tenantID, id, member, name string) (Connection, error) {
	return s.use(ctx, tenantID, id, Paused, func(c Connection) (bool, error) {
		return s.Store.Pause(ctx, tenantID, id, "Paused by "+name+".", s.event(c, EventPaused, c.Name+" was paused.", member))
	})
}

// Unpause publishes to a paused account again. What waits for it is the caller's to resume; nobody's answer is keep_times.
func (s *Service) Unpause(ctx context.Context, tenantID, id, member string) (Connection, error) {
	return s.use(ctx, tenantID, id, Healthy, func(c Connection) (bool, error) {
		return s.Store.Unpause(ctx, tenantID, id, s.event(c, EventUnpaused, c.Name+" is in use again.", member))
	})
}

func (s *Service) use(ctx context.Context, tenantID, id string, want Status, change func(Connection) (bool, error)) (Connection, error) {
	c, err := s.Get(ctx, tenantID, id)
	if err != nil {
		return Connection{}, err
	}
	done, err := change(c)
	if err != nil {
		return Connection{}, err
	}
	if c, err = s.Get(ctx, tenantID, id); err != nil {
		return Connection{}, err
	}
	works := c.Status == Healthy || c.Status == Expiring
	if !done && c.Status != want && (want != Healthy || !works) {
		return Connection{}, problem.Newf(problem.Conflict, "%s is %s, so that changes nothing.", c.Name, c.Status)
	}
	return c, nil
}
