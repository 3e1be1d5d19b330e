# MedMAT Explorer on a CPU. Build: docker build -t medmat-explorer .   Run: docker run -p 127.0.0.1:8501:8501 -v medmat:/home/medmat/data medmat-explorer
FROM python:3.11-slim
RUN useradd --create-home medmat
WORKDIR /home/medmat/app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY --chown=medmat . .
USER medmat
ENV MEDMAT_HOME=/home/medmat/data MEDMAT_HOST=0.0.0.0
RUN mkdir -p /home/medmat/data
VOLUME /home/medmat/data
EXPOSE 8501
HEALTHCHECK CMD python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/healthz', timeout=5)"
CMD ["python", "-m", "medmat_explorer", "serve"]
