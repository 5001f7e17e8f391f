package publish

import (
	"fmt"
	"hash/fnv"
	"time"
)

// Every job that is not final carries attend_at, the moment by which somebody must look at it again, and one of
// Shards shard names, so that the sweep reads the index in parallel.
const (
	Shards = 8
	// lookAgain is how long after a job's time the sweep leaves the message that was sent for it alone.
	lookAgain = time.Minute
	// queueReach is the longest delay of a message.
	queueReach = 15 * time.Minute
)

// ShardOf spreads jobs evenly.
func ShardOf(jobID string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(jobID))
	return ShardName(int(h.Sum32() % Shards))
}

// ShardName is the name of the nth shard.
func ShardName(n int) string { return fmt.Sprintf("s%d", n) }

// AuditKey sorts by time, and is unique.
func AuditKey(atMillis int64, id string) string { return fmt.Sprintf("%013d#%s", atMillis, id) }
