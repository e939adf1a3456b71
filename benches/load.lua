-- The requests and the report of wrk for all benchmarks. Settings come from the environment: LOAD_METHOD,
-- LOAD_BODY, LOAD_TYPE, LOAD_COOKIE, LOAD_COOKIES (a file with one cookie per line, used in turn) and
-- LOAD_PAUSE (the average pause of a client between two requests, in milliseconds).
-- A response with a status above 399 counts as failed.

local cookies = {}
local next_cookie = 0

wrk.method = os.getenv("LOAD_METHOD") or "GET"
wrk.body = os.getenv("LOAD_BODY")
wrk.headers["Content-Type"] = os.getenv("LOAD_TYPE")
wrk.headers["Cookie"] = os.getenv("LOAD_COOKIE")

if os.getenv("LOAD_COOKIES") then
  function init()
    for cookie in io.lines(os.getenv("LOAD_COOKIES")) do
      wrk.headers["Cookie"] = cookie
      cookies[#cookies + 1] = wrk.format()
    end
  end

  function request()
    next_cookie = next_cookie % #cookies + 1
    return cookies[next_cookie]
  end
end

if os.getenv("LOAD_PAUSE") then
  local pause = tonumber(os.getenv("LOAD_PAUSE"))

  function delay()
    return math.random(0, 2 * pause)
  end
end

-- Prints one line of JSON after wrk's own report. Times are in microseconds.
function done(summary, latency)
  local failed = 0
  for _, count in pairs(summary.errors) do
    failed = failed + count
  end
  local line = '{"rate": %.1f, "p50": %.1f, "p99": %.1f, "p999": %.1f, "max": %.1f, "requests": %d, "failed": %d}\n'
  io.write(line:format(summary.requests * 1e6 / summary.duration, latency:percentile(50),
    latency:percentile(99), latency:percentile(99.9), latency.max, summary.requests, failed))
end
