-- Sends one request in the name of each person in turn, and prints what wrk counted as one line of JSON.
-- Arguments: method, path, file with the body (or ""), file with one Authorization header a line (or "").

local prepared, turn = {}, 0

local function lines(name)
  local found = {}
  if name ~= "" then
    for line in io.lines(name) do found[#found + 1] = line end
  end
  return found
end

function init(args)
  local body
  if args[3] ~= "" then
    local file = io.open(args[3], "rb")
    body = file:read("*a")
    file:close()
  end
  local headers = {["Content-Type"] = body and "application/json" or nil}
  local people = lines(args[4])
  for number = 1, math.max(1, #people) do
    headers["Authorization"] = people[number]
    prepared[number] = wrk.format(args[1], args[2], headers, body)
  end
end

function request()
  turn = turn % #prepared + 1
  return prepared[turn]
end

function done(summary, latency, _)
  local wrong = summary.errors
  io.write(string.format('\n{"answers": %d, "microseconds": %d, "refused": %d, "broken": %d, "median": %d, "p99": %d}\n',
    summary.requests, summary.duration, wrong.status, wrong.connect + wrong.read + wrong.write + wrong.timeout,
    latency:percentile(50), latency:percentile(99)))
end
